//! One side of a plan: towns as they are loaded from a folder at a moment.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::revision::Revision;
use crate::{
    clock::Clock,
    tenant::{Tenant, Tenants},
    theme::ThemeFiles,
    walk::Walk,
    yaml::Problem,
};

/// Where a side comes from.
#[derive(Debug)]
pub struct Source {
    pub tenants: PathBuf,
    pub themes: Option<PathBuf>,
    /// Taken out of git; the folders are gone with it.
    pub revision: Option<Revision>,
}

impl Source {
    /// A path as it is told to the operator, who knows nothing of temporary folders.
    pub fn shown(&self, path: &Path) -> String {
        let inside = self.revision.as_ref().and_then(|taken| Some((taken, path.strip_prefix(&taken.root).ok()?)));
        inside.map_or_else(
            || path.display().to_string(),
            |(taken, inside)| format!("{}{}", taken.shown, inside.display()),
        )
    }

    fn shown_problem(&self, problem: &Problem) -> Problem {
        let mut problem = problem.clone();
        problem.at.file = self.shown(Path::new(&*problem.at.file)).into();
        problem
    }

    pub(super) fn theme_files(&self) -> ThemeFiles {
        self.themes.as_ref().map_or_else(ThemeFiles::embedded, ThemeFiles::overridden_by)
    }
}

/// All towns of a side.
pub struct Side {
    pub source: Source,
    pub(super) walk: Walk,
    pub(super) broken: BTreeMap<String, Vec<Problem>>,
}

impl Side {
    /// Loads the towns as they are at that moment; those that do not load are part of the plan.
    pub fn load(source: Source, at: Timestamp) -> Result<Self, Problem> {
        let clock = Clock::held_at(at);
        let loaded = Tenants::load(&source.tenants, source.theme_files(), clock.clone());
        let (tenants, report) = loaded.map_err(|problem| source.shown_problem(&problem))?;
        let shown = |problems: &Vec<Problem>| problems.iter().map(|problem| source.shown_problem(problem)).collect();
        let broken = report.broken.iter().map(|(id, problems)| (id.clone(), shown(problems))).collect();
        Ok(Self { walk: Walk::through(tenants, clock), broken, source })
    }

    pub(super) fn town(&self, id: &str) -> Option<Arc<Tenant>> {
        self.walk.tenants().get(id)
    }

    pub(super) fn folders_of(&self, tenant: &Tenant) -> Vec<String> {
        self.walk.tenants().folders_of(tenant.id.as_str()).iter().map(|folder| folder.name.to_string()).collect()
    }

    /// Every town that has a folder here, broken ones included.
    pub(super) fn ids(&self) -> impl Iterator<Item = String> {
        let loaded = self.walk.tenants().all().into_iter().map(|tenant| tenant.id.to_string());
        loaded.chain(self.broken.keys().cloned().collect::<Vec<_>>())
    }
}
