//! Numbering plans: which national numbers a country has, and how its people write them. From libphonenumber's data.

use std::collections::HashMap;
use std::sync::LazyLock;

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};

use super::Country;
use super::pattern::{Anchor, Pattern};

static PLANS: LazyLock<Plans> = LazyLock::new(Plans::load);

/// All countries' plans.
pub(super) struct Plans {
    /// By calling code; the first is the main country of the code.
    by_code: HashMap<u16, Vec<Plan>>,
    /// Calling code and place among its plans.
    by_country: HashMap<Country, (u16, usize)>,
}

/// One country's plan.
pub(super) struct Plan {
    pub(super) code: u16,
    general: Pattern,
    /// Mobile first: most numbers are, and the first match is enough.
    kinds: Vec<Kind>,
    leading: Option<Pattern>,
    abroad: Option<Pattern>,
    trunk: Option<Pattern>,
    /// What is dialled before national numbers.
    dialled: Option<&'static str>,
    /// What a trunk prefix becomes, where it is not just left out.
    transform: Option<String>,
}

/// Numbers of one kind: mobile, fixed line and so on.
struct Kind {
    /// Bit n is set where numbers of n digits exist; all, where the data does not say.
    lengths: u32,
    pattern: Pattern,
}

impl Plans {
    pub(super) fn get() -> &'static Self {
        &PLANS
    }

    fn load() -> Self {
        let mut by_code = HashMap::new();
        let mut by_country = HashMap::new();
        for code in 1..=999 {
            let regions = DATABASE.by_code(&code).unwrap_or_default();
            for (place, region) in regions.iter().enumerate() {
                if let Some(country) = Country::of_region(region.id()) {
                    by_country.insert(country, (code, place));
                }
            }
            if !regions.is_empty() {
                by_code.insert(code, regions.into_iter().map(Plan::new).collect());
            }
        }
        Self {
            by_code,
            by_country,
        }
    }

    pub(super) fn of(&self, country: Country) -> Option<&Plan> {
        let (code, place) = self.by_country.get(&country)?;
        self.by_code.get(code)?.get(*place)
    }

    /// The number whose digits begin with a country's code.
    pub(super) fn international(&self, digits: &str) -> Option<String> {
        // No code begins with another code, so the first that fits is the one.
        (1..=3).find_map(|length| {
            let (code, national) = digits.split_at_checked(length)?;
            let plans = self.by_code.get(&code.parse().ok()?)?;
            within(plans, plans.first()?, national)
        })
    }

    /// The digits behind the country's code, with what is dialled before them inside the country.
    pub(super) fn national(&self, digits: &str) -> Option<String> {
        (1..=3).find_map(|length| {
            let (code, national) = digits.split_at_checked(length)?;
            let plan = self.by_code.get(&code.parse().ok()?)?.first()?;
            Some(format!("{}{national}", plan.dialled?))
        })
    }

    /// The number that someone in `country` writes so.
    pub(super) fn plain(&self, digits: &str, country: Country) -> Option<String> {
        let plan = self.of(country)?;
        let plans = self.by_code.get(&plan.code)?;
        let dialled_abroad = plan.abroad.as_ref().and_then(|abroad| abroad.strip(digits));
        if let Some(number) = dialled_abroad.and_then(|rest| self.international(rest)) {
            return Some(number);
        }
        let code = plan.code.to_string();
        if let Some(number) = digits
            .strip_prefix(&code)
            .and_then(|national| within(plans, plan, national))
        {
            return Some(number);
        }
        let stripped = plan
            .without_trunk(digits)
            .filter(|national| is_valid(plans, national));
        if let Some(national) = stripped {
            return Some(joined(plan.code, &national));
        }
        if is_valid(plans, digits) {
            return Some(joined(plan.code, digits));
        }
        // Many write 00 for + where it is not how their country dials abroad.
        digits
            .strip_prefix("00")
            .and_then(|rest| self.international(rest))
    }
}

/// The number behind a calling code. As it is first: what was once read must read the same again. Then without a trunk
/// prefix, as in +44 (0)20 …, which `plan` knows.
fn within(plans: &[Plan], plan: &Plan, national: &str) -> Option<String> {
    if is_valid(plans, national) {
        return Some(joined(plan.code, national));
    }
    let national = plan.without_trunk(national)?;
    is_valid(plans, &national).then(|| joined(plan.code, &national))
}

/// Whether one of the countries that share a calling code has the number.
fn is_valid(plans: &[Plan], national: &str) -> bool {
    if let [plan] = plans {
        return plan.has(national);
    }
    for plan in plans {
        match &plan.leading {
            // These digits are of this country alone.
            Some(leading) if leading.is_match(national) => return plan.has(national),
            None if plan.has(national) => return true,
            _ => {}
        }
    }
    false
}

fn joined(code: u16, national: &str) -> String {
    let mut number = String::with_capacity(16);
    number.push('+');
    number.push_str(&code.to_string());
    number.push_str(national);
    number
}

impl Plan {
    fn new(data: &'static Metadata) -> Self {
        let descriptors = data.descriptors();
        let kinds = [
            descriptors.mobile(),
            descriptors.fixed_line(),
            descriptors.toll_free(),
            descriptors.voip(),
            descriptors.premium_rate(),
            descriptors.shared_cost(),
            descriptors.personal_number(),
            descriptors.pager(),
            descriptors.uan(),
            descriptors.voicemail(),
        ];
        let trunk = data
            .national_prefix_for_parsing()
            .map(|regex| regex.as_str());
        Self {
            code: data.country_code(),
            general: whole(descriptors.general()),
            kinds: kinds.into_iter().flatten().map(Kind::new).collect(),
            leading: data
                .leading_digits()
                .map(|regex| Pattern::new(regex.as_str(), Anchor::Start)),
            abroad: data
                .international_prefix()
                .map(|regex| Pattern::new(regex.as_str(), Anchor::Start)),
            trunk: trunk
                .or(data.national_prefix())
                .map(|source| Pattern::new(source, Anchor::Start)),
            dialled: data.national_prefix().filter(|prefix| !prefix.is_empty()),
            transform: data.national_prefix_transform_rule().map(braced),
        }
    }

    fn has(&self, national: &str) -> bool {
        let length = 1_u32
            .checked_shl(u32::try_from(national.len()).unwrap_or(u32::MAX))
            .unwrap_or(0);
        let is_kind = |kind: &Kind| kind.lengths & length != 0 && kind.pattern.is_match(national);
        self.general.is_match(national) && self.kinds.iter().any(is_kind)
    }

    /// The national number without what is dialled before it inside the country, where there is such a prefix.
    fn without_trunk(&self, national: &str) -> Option<String> {
        let regex = self.trunk.as_ref()?.regex()?;
        // Cheaper than captures, and most numbers have no prefix.
        if !regex.is_match(national) {
            return None;
        }
        let captures = regex.captures(national)?;
        let prefix = captures.get(0).filter(|prefix| prefix.end() > 0)?;
        let mut stripped = String::with_capacity(national.len() + 4);
        let has_group = captures.len() > 1 && captures.get(captures.len() - 1).is_some();
        if let Some(transform) = self.transform.as_ref().filter(|_| has_group) {
            captures.expand(transform, &mut stripped);
        }
        stripped.push_str(&national[prefix.end()..]);
        // A number that begins with the prefix's digits by chance loses them only where a number is left.
        let breaks_it = self.general.is_match(national) && !self.general.is_match(&stripped);
        (!breaks_it).then_some(stripped)
    }

    #[cfg(test)]
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let optional = [&self.leading, &self.abroad, &self.trunk]
            .into_iter()
            .flatten();
        self.kinds
            .iter()
            .map(|kind| &kind.pattern)
            .chain(optional)
            .chain([&self.general])
    }
}

#[cfg(test)]
impl Plans {
    pub(super) fn all(&self) -> impl Iterator<Item = &Plan> {
        self.by_code.values().flatten()
    }
}

impl Kind {
    fn new(descriptor: &'static Descriptor) -> Self {
        let lengths = descriptor.possible_length();
        let bits = lengths.iter().fold(0, |bits, length| {
            bits | 1_u32.checked_shl(u32::from(*length)).unwrap_or(0)
        });
        Self {
            lengths: if lengths.is_empty() { u32::MAX } else { bits },
            pattern: whole(descriptor),
        }
    }
}

fn whole(descriptor: &'static Descriptor) -> Pattern {
    Pattern::new(descriptor.national_number().as_str(), Anchor::Whole)
}

/// `$1` followed by a digit would name another group.
fn braced(rule: &str) -> String {
    let mut braced = String::with_capacity(rule.len() + 4);
    let mut chars = rule.chars().peekable();
    while let Some(c) = chars.next() {
        braced.push(c);
        if c == '$' {
            braced.push('{');
            braced.extend(chars.next());
            braced.push('}');
        }
    }
    braced
}
