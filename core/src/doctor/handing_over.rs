//! Whether back offices that take packages by SFTP can be reached.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;

use super::{Finding, House, asked, count, error, idp::open_to_all, note, ok};
use crate::{
    delivery,
    tenant::schema::{Destination, SftpServer},
};

/// Longer than a login takes; the portal itself waits longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// More are not asked at once, nor at all.
const MOST: usize = 32;

/// Logs in to each server and enters its folder, once for all towns that share it.
pub(super) fn servers(house: &House) -> Vec<Finding> {
    let mut servers = BTreeMap::<SftpServer<'_>, (Vec<String>, &Destination)>::new();
    for town in house.live() {
        for destination in &town.town.destinations {
            let Some(server) = destination.sftp() else { continue };
            servers.entry(server).or_insert_with(|| (Vec::new(), destination)).0.push(town.id.to_string());
        }
    }
    if servers.is_empty() {
        return Vec::new();
    }
    let ask = async {
        let one = async |server: &SftpServer<'_>| tokio::time::timeout(PATIENCE, delivery::visit(server)).await;
        Ok(join_all(servers.keys().take(MOST).map(one)).await)
    };
    let answers = match asked(ask) {
        Ok(answers) => answers,
        Err(why) => return vec![note(format!("back offices could not be asked: {why}"))],
    };
    let mut found = Vec::new();
    for ((server, (towns, destination)), answer) in servers.iter().zip(answers) {
        let place = format!("sftp://{}@{}:{}/{}", server.user, server.host, server.port, server.folder);
        found.extend(destination.login_key.as_ref().and_then(open_to_all));
        let who = format!("`{}` of {}", destination.id, super::some(towns));
        found.push(match answer {
            Ok(Ok(())) => ok(format!("{who} answers, and the portal may enter its folder")).at(place),
            Ok(Err(why)) => error(format!("{who}: {why}"))
                .at(place)
                .hint("packages wait a day for it; the handbook for operators says what each answer means"),
            Err(_) => error(format!("{who}: it did not answer in time")).at(place),
        });
    }
    if servers.len() > MOST {
        found.push(note(format!("{} more were not asked", count(servers.len() - MOST, "server"))));
    }
    found
}
