//! Taking everything along costs the house little, however much it is, and nobody does it all day.

use std::fs;

use portal::config::rates::Rates;
use portal_tests::{Browser, Database, House, OSTRAU, Towns, WESTRAU, binary::Process};
use zip::ZipArchive;

const PAGE: &str = "/meine-daten/export";
const MEGABYTE: usize = 1 << 20;

#[tokio::test]
async fn everything_is_taken_along_so_often_in_a_while() {
    let rates = Rates { exports: "2/10m".parse().unwrap(), ..Rates::OFF };
    let house = House::open_with_rates(Towns::with_simulator(), rates).await;
    let erika = house.citizen(OSTRAU, "erika", "basis").await;
    for _ in 0..2 {
        erika.post(PAGE, &[]).await.is(200);
    }
    erika.post(PAGE, &[]).await.is(429);
    erika.get(PAGE).await.is(200);
    house.citizen(WESTRAU, "erika", "basis").await.post(PAGE, &[]).await.is(200);
}

/// What a process had in memory at most since it was asked last.
fn peak(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux counts");
    // from here on it counts anew
    fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() << 10
}

#[tokio::test]
async fn a_hundred_megabytes_are_handed_out_from_a_few() {
    let (database, towns) = (Database::fresh().await, Towns::with_simulator());
    let portal = Process::node(&towns, &database, &[]).await;
    let erika = Browser::at(portal.authority(), OSTRAU);
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    let mut file = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%".to_vec();
    // little that can be packed smaller
    let mut noise = 1_u64;
    file.extend((0..20 * MEGABYTE - 200).map(|_| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (noise >> 56) as u8 | 0x80
    }));
    file.extend(b"\ntrailer << /Root 1 0 R >>\n%%EOF\n");
    for number in 0..5 {
        let words = [("about", "amt:steueramt"), ("subject", "Viel"), ("message", &*format!("Teil {number}"))];
        erika.post_files("/postkorb/neu", &words, &[("files", "Plan.pdf", &file)]).await.is(303);
    }
    peak(portal.id());
    erika.get(PAGE).await.is(200);
    let before = peak(portal.id());
    let taken = erika.post(PAGE, &[]).await.is(200);
    let after = peak(portal.id());
    assert!(taken.bytes.len() > 4 * file.len(), "{} bytes", taken.bytes.len());
    let mut zip = ZipArchive::new(std::io::Cursor::new(&taken.bytes)).unwrap();
    assert_eq!(zip.len(), 7);
    assert_eq!(zip.by_index(6).unwrap().size(), file.len() as u64);
    println!("peak before {} MB, while handing out {} MB", before / MEGABYTE, after / MEGABYTE);
    assert!(after < before + 30 * MEGABYTE, "{before} and {after} bytes");
}
