//! Cases that clerks enter: the day they came, and where letters about them go. And what the desk says when it finds nothing.

use super::*;

#[tokio::test]
async fn a_case_on_paper_counts_from_the_day_it_came() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        house.set_time("2026-11-16T09:00");
        let petra = house.petra(host).await;
        petra.post(NEW, &paper(&[("arrived", "2026-11-17")])).await.is(422).says("liegt in der Zukunft");
        petra.post(NEW, &paper(&[("arrived", "0026-11-13")])).await.is(422).says("Dieses Datum gibt es nicht");
        petra.post(NEW, &paper(&[("arrived", "gestern")])).await.is(422).says("Dieses Datum gibt es nicht");
        let number = enters(&petra, &[("arrived", "2026-11-13")]).await;
        // two weeks by the town's form, from that day on
        petra.get(&at(&number)).await.is(200).says("13. November 2026").says("27. November 2026");
        let today = enters(&petra, &[("arrived", "")]).await;
        petra.get(&at(&today)).await.is(200).says("30. November 2026");
    }
}

#[tokio::test]
async fn letters_go_to_the_address_that_a_clerk_has_corrected() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let petra = house.petra(host).await;
        let number = enters(&petra, &[("address", "Alter Weg 1\r\n12345 Altstadt")]).await;
        let before = petra.get(&at(&number)).await.is(200).says("Alter Weg 1\n12345 Altstadt</textarea>");
        let address = [("do", "address"), ("address", " Neuer Weg 2\r\n\r\n12345 Neustadt ")];
        petra.does_on(&before, &number, &address).await.is(303);
        let after = petra.get(&at(&number)).await.is(200).says("Neuer Weg 2\n12345 Neustadt</textarea>");
        let after = after.says("<strong>Anschrift für Briefe:</strong>").says("Neuer Weg 2, 12345 Neustadt");
        // what was written down at first stays
        after.says("Alter Weg 1");
        petra
            .does_on(&before, &number, &[("do", "address"), ("address", "x")])
            .await
            .is(409)
            .says("Jemand war schneller")
            .says("\nx</textarea>");
        petra.does(&number, &[("do", "address"), ("address", " ")]).await.is(422).says("<title>Bitte prüfen: ");
        let chinese = petra.does(&number, &[("do", "address"), ("address", "北京路 1\n12345 Neustadt")]).await.is(422);
        chinese.says("北京路 1").says("die sich nicht drucken lassen");
        petra.does(&number, &[("do", "decide"), ("text", "Ja.")]).await.is(303);
        petra.get("/verwaltung/post").await.is(200).says(&number).is_silent_about("Die Anschrift fehlt");
    }
}

#[tokio::test]
async fn the_address_of_somebody_with_an_account_is_not_the_desks_to_change() {
    let house = house().await;
    let erika = house.citizen(OSTRAU, "erika", "hoch").await;
    let number = sends(&erika, "Waldi").await;
    let petra = house.petra(OSTRAU).await;
    petra.get(&at(&number)).await.is(200).is_silent_about("Anschrift ändern");
    petra.does(&number, &[("do", "address"), ("address", "Neuer Weg 2")]).await.is(409);
}

#[tokio::test]
async fn what_the_desk_does_not_find_leads_back_to_the_desk() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let petra = house.petra(host).await;
        for lost in ["/verwaltung/vorgaenge/gibt-es-nicht", "/verwaltung/gibt-es-nicht"] {
            let page = petra.get(lost).await.is(404).says("Zu den Vorgängen").says("href=\"/verwaltung/vorgaenge\"");
            page.is_silent_about("/dienstleistungen\"");
        }
        petra.get("/verwaltungen").await.is(404).says("/dienstleistungen\"").is_silent_about("Zu den Vorgängen");
    }
}

#[tokio::test]
async fn a_case_says_where_it_belongs_and_the_way_back() {
    let house = house().await;
    let petra = house.petra(OSTRAU).await;
    let number = enters(&petra, &[]).await;
    let list = "href=\"/verwaltung/vorgaenge\"";
    petra.get(&at(&number)).await.is(200).says(&format!("{list} aria-current=\"true\"")).says("Zurück: Vorgänge");
    let new = petra.get(NEW).await.is(200).says("href=\"/verwaltung/vorgaenge/neu\" aria-current=\"page\"");
    new.is_silent_about("aria-current=\"true\"");
}

#[tokio::test]
async fn a_case_that_names_nobody_has_a_page_all_the_same() {
    let towns = towns();
    let form = "title: Hinweis\nlogin: none\nsteps:\n  - {id: was, title: Was, fields: [{id: was, kind: text, label: Was?}]}\n";
    towns.write("ostrau/forms/hinweis.yaml", form);
    let service = "title: Hinweis\nshort: Kurz.\nonline: {kind: form, form: hinweis}\n";
    towns.write("ostrau/services/hinweis.yaml", service);
    towns.change("ostrau/tenant.yaml", "services: [", "services: [hinweis, ");
    let house = House::open(towns).await;
    let guest = house.browser(OSTRAU);
    let draft = guest.begins("hinweis").await;
    guest.post(&format!("/antraege/{draft}/was"), &[("was", "Die Laterne ist aus.")]).await.is(303);
    guest.sends(&draft).await.is(303);
    let (number, _) = guest.get(&format!("/antraege/{draft}/gesendet")).await.is(200).number_and_code();
    let petra = house.petra(OSTRAU).await;
    petra.get(&at(&number)).await.is(200).says("Die Laterne ist aus.");
    petra.does(&number, &[("do", "address"), ("address", "Weg 1\n99999 Ostrau")]).await.is(303);
    petra.get(&at(&number)).await.is(200).says("Weg 1");
}
