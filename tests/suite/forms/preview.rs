//! A form as a whole, for those who write it.

use super::*;

#[tokio::test]
async fn a_form_is_looked_at_as_a_whole_before_the_town_is_live() {
    let towns = towns();
    let field = "      - {id: rufname, kind: text, label: Rufname}\n";
    let more =
        "      - {id: marke, kind: text, label: Marke, if: {any: [{gross: true}, {seit: {older_than_days: 14}}]}}\n";
    let before = "  - id: zahlung\n";
    towns.change("ostrau/forms/hund.yaml", before, &format!("{more}{before}"));
    let house = House::open(towns).await;
    let page = "/dienstleistungen/antrag/antrag/vorschau";
    let shown = house.browser(OSTRAU).get(page).await.is(200);
    for said in [
        "Wer hält den Hund?",
        "Bis zu 3 Mal",
        "„Wie zahlen Sie?“: Lastschrift",
        "7,50",
        field.split(": ").last().expect("a label").trim_end_matches("}\n"),
    ] {
        assert!(shown.text().contains(said), "{said} is missing in {}", shown.text());
    }
    shown.says("(„Ist der Hund gross?“: Ja oder „Bei Ihnen seit“: mehr als 14 Tage her)");
    assert_eq!(house.database.number("select count(*) from drafts").await, 0);

    let towns = super::towns();
    towns.change("ostrau/tenant.yaml", "status: preview", "status: live");
    let known =
        towns.read("ostrau/identity.yaml").replace("  - {id: probe, kind: simulator, name: Probe-Anmeldung}\n", "");
    towns.write("ostrau/identity.yaml", known);
    let house = House::open(towns).await;
    house.get("portal.ostrau.example", page).await.is(404);
}
