//! Accounts that move to another server: what was kept for one must not go to another.

use super::account::AccountChange;
use crate::error::UserError;
use provider::{Account, Provider, Settings};
use url::{Origin, Url};

/// Reports each credential that calls would bring to another server than before (another scheme, host or port), and that does not come with the change:
/// an owner writes credentials and never reads them, and would learn them from a server of their own. The provider's own address may have any.
pub(super) fn check(
    provider: &dyn Provider,
    change: &AccountChange,
    (before, after): (&Account, &Account),
    errors: &mut Vec<UserError>,
) {
    let home = provider.home();
    let to = origin(&after.settings, home);
    if to == origin(&before.settings, home) || home.is_some_and(|home| to == origin_of(home)) {
        return;
    }
    let kept = provider
        .sent()
        .iter()
        .filter(|field| before.has(**field) && !change.names(**field));
    errors.extend(kept.map(|field| {
        let name = field.name();
        let message = format!(
            "With this baseUrl {name} would go to another server than it was given for: give {name} again, or null."
        );
        UserError::new(&format!("credentials.{name}"), "REQUIRED", message)
    }));
}

/// The refusal of another URL to which messages go, with addresses in them.
pub(crate) fn forbidden(field: &str) -> UserError {
    let message = "A restriction hides addresses from you, and they would go to this URL: you cannot change it. Leave it out.";
    UserError::new(field, "FORBIDDEN", message)
}

/// Where calls go; none: nowhere yet.
fn origin(settings: &Settings, home: Option<&str>) -> Option<Origin> {
    origin_of(settings.base_url.as_deref().or(home)?)
}

fn origin_of(url: &str) -> Option<Origin> {
    Some(Url::parse(url).ok()?.origin())
}

#[cfg(test)]
mod tests {
    use super::*;
    use provider::{Credentials, Kind};

    fn account(base_url: Option<&str>) -> Account {
        let secret = || Some("kept".to_owned().into());
        Account {
            settings: Settings {
                base_url: base_url.map(str::to_owned),
                ..Settings::default()
            },
            credentials: Credentials {
                access_token: secret(),
                app_secret: secret(),
                api_key: secret(),
                signing_secret: secret(),
            },
        }
    }

    /// The fields that a move asks for.
    fn asked(
        kind: Kind,
        from: Option<&str>,
        to: Option<&str>,
        change: &AccountChange,
    ) -> Vec<String> {
        let mut errors = Vec::new();
        let accounts = (&account(from), &account(to));
        check(provider::of(kind), change, accounts, &mut errors);
        assert!(errors.iter().all(|error| error.code == "REQUIRED"));
        errors.iter().map(|error| error.field.join(".")).collect()
    }

    #[test]
    fn what_calls_bring_along_is_given_anew_for_another_server() {
        let nothing = AccountChange::default();
        let key = ["credentials.apiKey".to_owned()];
        let of = |from, to| asked(Kind::Dialog360, from, to, &nothing);
        for (from, to) in [
            (None, Some("https://elsewhere.example")),
            (Some("https://one.example"), Some("https://two.example")),
            (Some("https://one.example"), Some("http://one.example")),
            (Some("https://one.example"), Some("https://one.example:444")),
            (Some("https://one.example"), Some("https://a.one.example")),
            (Some("no url"), Some("https://one.example")),
        ] {
            assert_eq!(of(from, to), key, "{from:?} {to:?}");
        }
        for (from, to) in [
            (None, None),
            (
                Some("https://one.example"),
                Some("https://ONE.example:443/v2/"),
            ),
            // Back to the provider, said or not.
            (Some("https://one.example"), None),
            (
                Some("https://one.example"),
                Some("https://waba-v2.360dialog.io/"),
            ),
        ] {
            assert_eq!(of(from, to), [] as [String; 0], "{from:?} {to:?}");
        }
    }

    #[test]
    fn only_what_is_sent_and_kept_is_asked_for() {
        fn move_it(kind: Kind, change: &AccountChange) -> Vec<String> {
            let [one, two] = ["https://one.example", "https://two.example"];
            asked(kind, Some(one), Some(two), change)
        }
        let nothing = AccountChange::default();
        let token = ["credentials.accessToken"];
        assert_eq!(
            move_it(Kind::WhatsAppCloud, &nothing),
            token,
            "the app's secret only signs"
        );
        assert_eq!(move_it(Kind::Kaleyra, &nothing), ["credentials.apiKey"]);
        assert_eq!(
            move_it(Kind::Http, &nothing),
            [] as [&str; 0],
            "what it has only signs"
        );
        for given in [Some("new".to_owned().into()), None] {
            let change = AccountChange {
                access_token: Some(given),
                ..AccountChange::default()
            };
            assert_eq!(move_it(Kind::WhatsAppCloud, &change), [] as [&str; 0]);
        }
    }
}
