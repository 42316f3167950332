//! How fast and how well the search answers the judged queries:
//! `cargo run --release -p portal-tests --example search_bench [misses]`

use std::{hint::black_box, time::Instant};

use portal::{catalogue::search::search, clock::Clock, locale::Locale};
use portal_tests::{TODAY, Towns, judged::Judged, moment, portal_of};

const SERVICES: usize = 300;
const ROUNDS: usize = 21;

fn main() {
    let show_misses = std::env::args().any(|argument| argument == "misses");
    let sets = Judged::all();
    let (portal, _) = portal_of(&Towns::shipped(), Clock::held_at(moment(TODAY))).expect("the shipped towns load");
    for town in ["herford", "loehne"] {
        let tenant = portal.tenants.get(town).expect("a shipped town");
        for set in &sets {
            let figures = set.ask(&tenant);
            println!(
                "{town} {}: success@3 {:.3} ({}/{}), MRR {:.3}, quiet {:.3} (of {})",
                set.name,
                figures.success_at_3(),
                figures.in_three,
                figures.asked,
                figures.mean_reciprocal_rank(),
                figures.quiet(),
                figures.nothing,
            );
            if show_misses {
                figures.missed.iter().for_each(|missed| println!("  missed {missed}"));
                figures.noisy.iter().for_each(|noisy| println!("  noisy  {noisy}"));
            }
        }
    }
    if show_misses {
        let tenant = portal.tenants.get("herford").expect("a shipped town");
        for query in std::env::args().skip(2) {
            let hits = search(&tenant, &Locale::german(), &query);
            println!("{query} → {:?}", hits.iter().take(6).map(|hit| (&hit.id, hit.score)).collect::<Vec<_>>());
        }
        return;
    }
    let towns = with_many_services();
    let (portal, report) = portal_of(&towns, Clock::held_at(moment(TODAY))).expect("the towns load");
    let tenant = portal.tenants.get("herford").unwrap_or_else(|| panic!("{:?}", report.broken));
    let german = Locale::german();
    for locale in tenant.locales() {
        let start = Instant::now();
        search(&tenant, locale, "hund");
        let millis = start.elapsed().as_secs_f64() * 1e3;
        println!("{} services, index for `{locale}` made in {millis:.1} ms", tenant.services.len());
    }
    // the middle of several rounds: what other programs take away in one of them does not count
    let queries = sets.iter().flat_map(|set| &set.queries);
    let mut micros: Vec<(f64, &str)> = queries
        .map(|(query, _)| {
            let mut rounds: Vec<f64> = (0..ROUNDS)
                .map(|_| {
                    let start = Instant::now();
                    black_box(search(&tenant, &german, query));
                    start.elapsed().as_secs_f64() * 1e6
                })
                .collect();
            rounds.sort_by(f64::total_cmp);
            (rounds[ROUNDS / 2], query.as_str())
        })
        .collect();
    micros.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |share: f64| micros[((micros.len() - 1) as f64 * share) as usize];
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)] {
        println!("{name} {:.0} µs (`{}`)", at(share).0, at(share).1);
    }
}

/// Herford with further services made of its own, each with words of its own.
fn with_many_services() -> Towns {
    let towns = Towns::shipped();
    let list = towns.read("herford/tenant.yaml");
    let (portal, _) = portal_of(&towns, Clock::held_at(moment(TODAY))).expect("the shipped towns load");
    let tenant = portal.tenants.get("herford").expect("a shipped town");
    let german = Locale::german();
    let mut names = String::new();
    for number in 0..SERVICES - tenant.services.len() {
        let model = &tenant.services[number % tenant.services.len()];
        let sign = ["blau", "nord", "alt", "kern", "sonder", "jung", "wald"][number % 7];
        let varied = |text: &str| {
            let words =
                text.split(' ').map(|word| if word.len() > 4 { format!("{sign}{word}{number}") } else { word.into() });
            words.collect::<Vec<_>>().join(" ").replace([':', '{', '}', '"'], "")
        };
        let synonyms: Vec<_> = model.synonyms.of(&german).map(|word| format!("\"{}\"", varied(word))).collect();
        towns.write(
            &format!("herford/services/probe-{number}.yaml"),
            format!(
                "title: \"{} {}\"\nsynonyms: [{}]\nshort: \"{}\"\n",
                model.title.raw(&german),
                varied(model.title.raw(&german)),
                synonyms.join(", "),
                varied(model.short.raw(&german)),
            ),
        );
        names.push_str(&format!("\n  - probe-{number}"));
    }
    towns.write("herford/tenant.yaml", list.replacen("\nservices:", &format!("\nservices:{names}"), 1));
    towns
}
