//! Files that say something wrong.

use super::{refused, refused_with_its_hosts};
use std::time::{Duration, Instant};

const STALL: &str = "ostrau/services/marktstand.yaml";
const TOWN: &str = "ostrau/tenant.yaml";

#[tokio::test]
async fn a_value_of_the_wrong_kind() {
    let told =
        "ostrau/services/marktstand.yaml:2:8 is sequence, expected a text, or one text per language (`{de: …, en: …}`)";
    refused(
        |towns| {
            towns.change(STALL, "short: Einen Stand auf dem Ostrauer Markt bekommen.", "short: [a, b]");
        },
        told,
    )
    .await;
    let told = "ostrau/tenant.yaml:3:8 is string \"portal.ostrau.example\", expected a list: `[one, two]`";
    let hosts = "hosts: [portal.ostrau.example, service.ostrau.example]";
    refused_with_its_hosts(
        |towns| {
            towns.change(TOWN, hosts, "hosts: portal.ostrau.example");
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn a_field_nobody_knows() {
    let told = "ostrau/services/marktstand.yaml:5:1 has the unknown field `publisched` (did you mean `published`?)";
    refused(
        |towns| {
            towns.change(STALL, "published:", "publisched:");
        },
        told,
    )
    .await;
    let told = "ostrau/tenant.yaml:9:37 has the unknown field `plz` (known are `street`, `zip`, `city`, `example`)";
    refused(
        |towns| {
            towns.change(TOWN, "zip:", "plz:");
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn a_word_that_is_none_of_the_known() {
    let told =
        "ostrau/services/marktstand.yaml:4:16 says `lnik`, which is not one of the known values (did you mean `link`?)";
    refused(
        |towns| {
            towns.change(STALL, "kind: none", "kind: lnik");
        },
        told,
    )
    .await;
    let told = "ostrau/tenant.yaml:6:9 says `on`, which is not one of the known values (known are `live`, `preview`, `suspended`)";
    refused(
        |towns| {
            towns.change(TOWN, "status: live", "status: on");
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn a_field_that_is_missing() {
    let told = "ostrau/services/marktstand.yaml:1:1 lacks the field `short`";
    refused(
        |towns| {
            towns.change(STALL, "short: Einen Stand auf dem Ostrauer Markt bekommen.\n", "");
        },
        told,
    )
    .await;
    let told = "ostrau/tenant.yaml:2:1 lacks the field `name`";
    refused(
        |towns| {
            towns.write(TOWN, towns.read(TOWN).replacen("name: Ostrau\n", "\n", 1));
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn the_one_file_a_town_must_have() {
    let told = "ostrau/tenant.yaml:1:1 is missing (it needs at least `name` and `hosts`)";
    refused_with_its_hosts(
        |towns| {
            towns.remove(TOWN);
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn a_key_that_stands_twice() {
    let told = "ostrau/services/marktstand.yaml:7:1 says `short` a second time (keep one of the two)";
    refused(
        |towns| {
            towns.write(STALL, towns.read(STALL) + "short: Noch einmal\n");
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn an_alias_bomb_is_refused_at_its_first_anchor() {
    let mut bomb = String::from("a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
    for i in 1..60 {
        let below = format!("*a{}, ", i - 1).repeat(9);
        bomb += &format!("a{i}: &a{i} [{below}]\n");
    }
    let hint = "say it once in `tenant.yaml` or in a layer and name it by a variable";
    let told =
        format!("ostrau/services/marktstand.yaml:1:9 uses a YAML anchor, which configuration files may not ({hint})");
    let started = Instant::now();
    refused(
        |towns| {
            towns.write(STALL, bomb);
        },
        &told,
    )
    .await;
    assert!(started.elapsed() < Duration::from_secs(20), "9⁶⁰ words were written out: {:?}", started.elapsed());
}

#[tokio::test]
async fn brackets_without_end() {
    let told = "ostrau/services/marktstand.yaml:1:256 is not valid YAML: recursion limit exceeded";
    refused(
        |towns| {
            towns.write(STALL, "[".repeat(900_000));
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn ten_megabytes() {
    let big = "# a long remark\n".repeat(10 * 1024 * 1024 / 16);
    let told = "ostrau/services/marktstand.yaml:1:1 is larger than 1024 KiB (split it: one service a file)";
    let house = refused(
        |towns| {
            towns.write(STALL, towns.read(STALL) + &big);
        },
        told,
    )
    .await;
    assert!(house.report.opened > 0);
    let told = "ostrau/assets/plan.pdf:1:1 is larger than 10240 KiB (make the file smaller)";
    refused(
        |towns| {
            towns.write("ostrau/assets/plan.pdf", vec![0; 10 * 1024 * 1024 + 1]);
        },
        told,
    )
    .await;
}

#[tokio::test]
async fn bytes_that_are_no_text() {
    let hint = "is not UTF-8 text (save the file with the encoding UTF-8)";
    let told = format!("ostrau/services/marktstand.yaml:2:8 {hint}");
    refused(
        |towns| {
            towns.write(STALL, b"title: M\xc3\xa4rkte\nshort: \xfcber\n");
        },
        &told,
    )
    .await;
    let told = format!("ostrau/content/kontakt.md:4:2 {hint}");
    refused(
        |towns| {
            towns.write("ostrau/content/kontakt.md", b"---\ntitle: Kontakt\n---\nB\xfcrgerb\xfcro\n");
        },
        &told,
    )
    .await;
    let told = format!("ostrau/tenant.yaml:1:8 {hint}");
    refused_with_its_hosts(
        |towns| {
            towns.write(TOWN, b"name: S\xfcdau\n");
        },
        &told,
    )
    .await;
}

#[tokio::test]
async fn a_file_that_is_no_yaml() {
    let told = "ostrau/services/marktstand.yaml:3:5 is not valid YAML: mapping values are not allowed in this context \
                (a text with `: ` in it needs quotes: `short: \"Achtung: bitte lesen\"`)";
    refused(
        |towns| {
            towns.write(STALL, "title: a\nshort: b\nx: y: z\n");
        },
        told,
    )
    .await;
}
