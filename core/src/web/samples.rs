//! Every page with the samples it gives of itself, for whoever looks at all of them.

use std::sync::Arc;

use super::{
    Page, Person, Visit,
    errors::{DeskErrorPage, ErrorPage},
};
use crate::{
    cases::pages as cases,
    catalogue::{a_to_z, search, service, situations, start},
    content::pages as content,
    desk::pages as desk,
    error::Result,
    forms::pages as forms,
    identity::pages as identity,
    keeping::pages as keeping,
    mailbox::pages as mailbox,
    moves::pages as moves,
    staff::pages as staff,
};

/// Renders every sample of every page of a town in one locale: `(template, html or what failed)`.
pub fn all_samples(visit: &Visit) -> Vec<(&'static str, Result<String>)> {
    samples_but(visit, &[])
}

/// The same without those of some templates.
pub fn samples_but(visit: &Visit, left_out: &[&str]) -> Vec<(&'static str, Result<String>)> {
    type Samples = Vec<(&'static str, Result<String>)>;
    fn of<P: Page>(visit: &Visit, left_out: &[&str], rendered: &mut Samples) {
        if !left_out.contains(&P::TEMPLATE) {
            let samples = P::samples(visit).into_iter();
            rendered.extend(samples.map(|page| (P::TEMPLATE, visit.render(&page).map(|page| page.html))));
        }
    }
    let mut rendered = Vec::new();
    of::<start::StartPage>(visit, left_out, &mut rendered);
    of::<a_to_z::ServicesPage>(visit, left_out, &mut rendered);
    of::<service::ServicePage>(visit, left_out, &mut rendered);
    of::<situations::SituationPage>(visit, left_out, &mut rendered);
    of::<search::SearchPage>(visit, left_out, &mut rendered);
    of::<content::FaqPage>(visit, left_out, &mut rendered);
    of::<content::ContactPage>(visit, left_out, &mut rendered);
    of::<content::OnlineIdPage>(visit, left_out, &mut rendered);
    of::<content::ContentPage>(visit, left_out, &mut rendered);
    of::<content::AccessibilityPage>(visit, left_out, &mut rendered);
    of::<content::ApiPage>(visit, left_out, &mut rendered);
    of::<ErrorPage>(visit, left_out, &mut rendered);
    of::<DeskErrorPage>(visit, left_out, &mut rendered);
    of::<identity::login::LoginPage>(visit, left_out, &mut rendered);
    of::<identity::simulator::SimulatorPage>(visit, left_out, &mut rendered);
    of::<identity::handover::HandoverPage>(visit, left_out, &mut rendered);
    of::<identity::own::sign_in::OwnSignInPage>(visit, left_out, &mut rendered);
    of::<identity::own::sign_in::OwnCodePage>(visit, left_out, &mut rendered);
    of::<identity::own::register::RegisterPage>(visit, left_out, &mut rendered);
    of::<identity::own::register::CheckPage>(visit, left_out, &mut rendered);
    of::<identity::own::register::ConfirmPage>(visit, left_out, &mut rendered);
    of::<identity::own::forgotten::ForgottenPage>(visit, left_out, &mut rendered);
    of::<identity::own::forgotten::NewPasswordPage>(visit, left_out, &mut rendered);
    of::<identity::outcome::OutcomePage>(visit, left_out, &mut rendered);
    of::<identity::logout::LogoutPage>(visit, left_out, &mut rendered);
    of::<identity::given_back::GivenBackPage>(visit, left_out, &mut rendered);
    of::<forms::begin::BeginPage>(visit, left_out, &mut rendered);
    of::<forms::preview::PreviewPage>(visit, left_out, &mut rendered);
    of::<forms::step::StepPage>(visit, left_out, &mut rendered);
    of::<forms::review::ReviewPage>(visit, left_out, &mut rendered);
    of::<forms::sent::SentPage>(visit, left_out, &mut rendered);
    of::<forms::draft::DraftPage>(visit, left_out, &mut rendered);
    of::<forms::halt::HaltPage>(visit, left_out, &mut rendered);
    of::<cases::lookup::LookupPage>(visit, left_out, &mut rendered);
    let inside = Visit { person: Some(Arc::new(Person::specimen())), ..visit.clone() };
    of::<identity::my_data::MyDataPage>(&inside, left_out, &mut rendered);
    of::<identity::sessions::SessionsPage>(&inside, left_out, &mut rendered);
    of::<keeping::leave::LeavePage>(&inside, left_out, &mut rendered);
    of::<keeping::left::LeftPage>(visit, left_out, &mut rendered);
    of::<keeping::export::ExportPage>(&inside, left_out, &mut rendered);
    of::<keeping::seen::SeenPage>(&inside, left_out, &mut rendered);
    of::<identity::own::security::SecurityPage>(&inside, left_out, &mut rendered);
    of::<identity::own_data::OwnDataPage>(&inside, left_out, &mut rendered);
    of::<identity::link::LinkPage>(&inside, left_out, &mut rendered);
    of::<moves::OldAccountPage>(&inside, left_out, &mut rendered);
    of::<moves::MovesPage>(visit, left_out, &mut rendered);
    of::<identity::step_up::StepUpPage>(&inside, left_out, &mut rendered);
    of::<cases::list::CasesPage>(&inside, left_out, &mut rendered);
    of::<cases::case::CasePage>(&inside, left_out, &mut rendered);
    of::<mailbox::inbox::InboxPage>(&inside, left_out, &mut rendered);
    of::<mailbox::thread::ThreadPage>(&inside, left_out, &mut rendered);
    of::<mailbox::compose::ComposePage>(&inside, left_out, &mut rendered);
    of::<staff::SignInPage>(visit, left_out, &mut rendered);
    of::<staff::CodePage>(visit, left_out, &mut rendered);
    of::<staff::SetUpPage>(visit, left_out, &mut rendered);
    of::<desk::overview::OverviewPage>(visit, left_out, &mut rendered);
    of::<desk::list::ListPage>(visit, left_out, &mut rendered);
    of::<desk::deliveries::DeliveriesPage>(visit, left_out, &mut rendered);
    of::<desk::reason::ReasonPage>(visit, left_out, &mut rendered);
    of::<desk::case::CasePage>(visit, left_out, &mut rendered);
    of::<desk::file::FilePage>(visit, left_out, &mut rendered);
    of::<desk::messages::MessagesPage>(visit, left_out, &mut rendered);
    of::<desk::messages::ThreadPage>(visit, left_out, &mut rendered);
    of::<desk::new::NewPage>(visit, left_out, &mut rendered);
    of::<desk::post::PostPage>(visit, left_out, &mut rendered);
    of::<desk::substitute::SubstitutePage>(visit, left_out, &mut rendered);
    of::<desk::statistics::StatisticsPage>(visit, left_out, &mut rendered);
    of::<staff::PasswordPage>(visit, left_out, &mut rendered);
    rendered
}
