//! Jobs of the house under test: done when the test says so.

use std::sync::Arc;

use portal::{clock::Clock, jobs, web::Portal};

use crate::{House, Limits, TODAY, Towns, moment, portal_of, portal_over_same};

impl House {
    /// A house that knows other kinds of jobs.
    pub async fn open_doing(towns: Towns, kinds: jobs::Kinds) -> Self {
        let (portal, report) = portal_of(&towns, Clock::held_at(moment(TODAY))).expect("the folder can be read");
        let mut portal = Arc::into_inner(portal).expect("nobody else holds it yet");
        portal.kinds = kinds;
        Self::open_over(Arc::new(portal), towns, report, Limits::default()).await
    }

    /// Does every job that is due; says how many.
    pub async fn work_off(&self) -> usize {
        jobs::run_due(&self.portal).await.expect("the data room is open")
    }

    /// A second node with the same towns, clock and database.
    pub async fn another_node(&self) -> Arc<Portal> {
        let mut portal = portal_over_same(&self.portal);
        portal.store = self.database.open().await;
        portal.post = self.portal.post.clone();
        Arc::new(portal)
    }
}
