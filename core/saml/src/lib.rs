//! The strict SAML profile.
