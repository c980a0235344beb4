//! Which texts a language has to have: the path of each in the file, and the facts it may speak of.

use crate::amendment::Amended;
use crate::change_binding::STATES;
use crate::decision::{Check, Figure, NoticeKind};
use crate::documents::{DocumentKind, SeenAs};
use crate::drugs::{GROUPS, How, Outside, Standing};
use crate::proxy::{MissingPaper, Paper, ProxyReason};
use crate::reason::{CODES, Reason};
use crate::words::{BillPart, Capability, Care, Certainty, LimitKind, Mode, Proof, Relation, Scheme, Side};

macro_rules! named {
    ($(#[$doc:meta])* $name:ident, $list:ident: $kind:ident { $($variant:ident = $word:literal,)+ }) => {
        /// The words of its texts.
        const $list: &[&str] = &[$($word),+];

        $(#[$doc])*
        pub fn $name(it: $kind) -> &'static str {
            match it { $($kind::$variant => $word),+ }
        }
    };
}

named! {
    /// The word under which `checks` says what was checked.
    check_word, CHECKS: Check {
        Designated = "designated",
        OwnCredential = "own_credential",
        Insured = "insured",
        GiverCredential = "giver_credential",
        GiverHasAccount = "giver_has_account",
        GiverStanding = "giver_standing",
        BeneficiaryStanding = "beneficiary_standing",
        Relation = "relation",
        Scope = "scope",
        Numbers = "numbers",
        Roles = "roles",
        Proof = "proof",
        Starter = "starter",
        Rebind = "rebind",
        InForce = "in_force",
        Purpose = "purpose",
        NotRepeated = "not_repeated",
        Limits = "limits",
        StayDay = "stay_day",
        StayOrder = "stay_order",
        ProxyDays = "proxy_days",
        ProxyPapers = "proxy_papers",
        TraceCodes = "trace_codes",
        FamilyCode = "family_code",
    }
}

named! {
    /// The word under which `figures` says what an amount is.
    figure_word, FIGURES: Figure {
        Total = "total",
        InScope = "in_scope",
        Deductible = "deductible",
        Fund = "fund",
        Personal = "personal",
        Payable = "payable",
        Cash = "cash",
        Usable = "usable",
    }
}

named! {
    /// The word under which `words.notice` says what a message is about.
    notice_word, NOTICES: NoticeKind {
        PleaseConfirm = "please_confirm",
        InForce = "in_force",
        Ended = "ended",
        NeedsDecision = "needs_decision",
        OnHold = "on_hold",
        LinesShown = "lines_shown",
        LinesHidden = "lines_hidden",
        ProxyEntrusted = "proxy_entrusted",
        ProxyReceived = "proxy_received",
        ProxyRevoked = "proxy_revoked",
        ProxyUsed = "proxy_used",
        ProxyReturned = "proxy_returned",
        AmendmentProposed = "amendment_proposed",
        AmendmentApproved = "amendment_approved",
        AmendmentRejected = "amendment_rejected",
        AmendmentWithdrawn = "amendment_withdrawn",
        CodeAsked = "code_asked",
        CodeShown = "code_shown",
        CodeLinked = "code_linked",
        CodeUndone = "code_undone",
        InReview = "in_review",
        ReviewRefused = "review_refused",
    }
}

/// What messages that are no [`NoticeKind`] are about and that leave the house: money spent, money given back, how a person is
/// reached and how they sign in.
const MESSAGES: &[&str] =
    &["spent", "returned", "contact_changed", "activation_code", "activated", "second_factor_ended"];

/// What a message is about that stands in the inbox alone: nobody decided an amendment in time, an entrusted purchase ran
/// out unused, a bill of the person's own took money of theirs or gave it back.
const INSIDE: &[&str] = &["amendment_lapsed", "proxy_lapsed", "own_spent", "own_returned"];

/// The words of everything that a message may be about that leaves the house.
pub fn message_words() -> Vec<&'static str> {
    NOTICES.iter().chain(MESSAGES).copied().collect()
}

named! {
    /// The word under which `drug.how` says how a drug was found.
    how_word, HOWS: How {
        Exact = "exact",
        Form = "form",
        Start = "start",
        Inside = "inside",
        Sounding = "sounding",
        Within = "within",
        Near = "near",
    }
}

named! {
    /// The word under which `drug.says` says how a drug counts.
    standing_word, STANDINGS: Standing {
        A = "a",
        B = "b",
        Outside = "outside",
        Undecided = "undecided",
        Piece = "piece",
        PieceNotAlone = "piece_not_alone",
    }
}

named! {
    /// The word under which `drug.why` says why a drug is not paid.
    outside_word, OUTSIDES: Outside {
        Absent = "absent",
        VaccineOrContraceptive = "vaccine_or_contraceptive",
        SexualFunction = "sexual_function",
        WorkInjuryOnly = "work_injury_only",
        PieceExcluded = "piece_excluded",
    }
}

/// The texts of one reason.
pub const REASON_TEXTS: &[&str] = &["till", "slip", "citizen.line", "citizen.why", "staff"];

/// The first lines of explanations, the states of money, and what each may speak of.
const SENTENCES: &[(&str, &[&str])] = &[
    ("format.money", &["amount"]),
    ("format.day", &["year", "month", "day"]),
    ("format.moment", &["day", "time"]),
    ("format.months", &[]),
    ("format.you", &[]),
    ("format.somebody", &[]),
    ("format.some_area", &[]),
    ("format.some_place", &[]),
    ("format.and", &[]),
    ("conclusion.settled", &["accounts", "cash"]),
    ("conclusion.settled_cash", &["cash"]),
    ("conclusion.settled_full", &[]),
    ("conclusion.settled_only", &[]),
    ("conclusion.settled_but", &["why"]),
    ("conclusion.not_settled", &[]),
    ("conclusion.cancelled", &["accounts"]),
    ("conclusion.cancelled_only", &[]),
    ("conclusion.refunded", &[]),
    ("conclusion.not_refunded", &[]),
    ("conclusion.bound", &[]),
    ("conclusion.bound_later", &[]),
    ("conclusion.waiting", &[]),
    ("conclusion.in_review", &[]),
    ("conclusion.ended", &[]),
    ("conclusion.on_hold", &[]),
    ("conclusion.lines_shown", &[]),
    ("conclusion.lines_hidden", &[]),
    ("conclusion.entrusted", &[]),
    ("conclusion.not_bound", &[]),
    ("conclusion.not_changed", &[]),
    ("conclusion.reversed", &[]),
    ("conclusion.barred", &[]),
    ("conclusion.done", &[]),
    ("conclusion.not_done", &[]),
    ("money.none", &[]),
    ("money.earlier_counts", &[]),
    ("money.not_returned", &[]),
    ("money.paid", &["accounts", "cash"]),
    ("money.cash_only", &["cash"]),
    ("money.returned", &["accounts", "cash"]),
    ("money.earmarked", &[]),
    ("money.returning", &["amount"]),
    ("money.confirming", &["until"]),
    ("proxy.bought_by", &["agent"]),
    ("drug.example.a", &["cost", "in_scope"]),
    ("drug.example.b", &["cost", "first_pay", "in_scope"]),
    ("drug.example.outside", &["cost"]),
    ("drug.hint.not_found", &[]),
    ("drug.hint.depends", &[]),
    ("drug.hint.goes_on", &["last_day"]),
    ("drug.procured.unknown", &[]),
];

/// Lists of words: the section and its words.
fn lists() -> Vec<(&'static str, Vec<&'static str>)> {
    let all = |words: &[&'static str]| words.to_vec();
    vec![
        ("split", all(&["total", "fund", "own", "cash", "slip_no", "more"])),
        ("severity", all(&["refused", "partly", "note"])),
        ("verdict", all(&["holds", "fails"])),
        ("certainty", Certainty::ALL.iter().map(|it| it.word()).collect()),
        ("checks", all(CHECKS)),
        ("figures", all(FIGURES)),
        ("words.day", all(&["unknown"])),
        ("words.side", Side::ALL.iter().map(|it| it.word()).collect()),
        ("words.scheme", Scheme::ALL.iter().map(|it| it.word()).collect()),
        ("words.limit", LimitKind::ALL.iter().map(|it| it.word()).collect()),
        ("words.capability", Capability::ALL.iter().map(|it| it.word()).collect()),
        ("words.part", BillPart::ALL.iter().map(|it| it.word()).collect()),
        ("words.proof", Proof::ALL.iter().map(|it| it.word()).collect()),
        ("words.mode", Mode::ALL.iter().map(|it| it.word()).collect()),
        ("words.care", Care::ALL.iter().map(|it| it.word()).collect()),
        ("words.relation", Relation::ALL.iter().map(|it| it.word()).collect()),
        ("words.relation_back", Relation::ALL.iter().map(|it| it.word()).collect()),
        ("words.called", called()),
        ("words.notice", all(NOTICES)),
        ("words.message", all(&[MESSAGES, INSIDE].concat())),
        ("words.state", all(STATES)),
        ("words.document_kind", DocumentKind::ALL.iter().map(|it| it.word()).collect()),
        ("words.amended", Amended::ALL.iter().map(|it| it.word()).collect()),
        ("words.seen_as", SeenAs::ALL.iter().map(|it| it.word()).collect()),
        ("words.proxy_reason", ProxyReason::ALL.iter().map(|it| it.word()).collect()),
        ("words.paper", Paper::ALL.iter().map(|it| it.word()).collect()),
        ("words.missing_paper", MissingPaper::ALL.iter().map(|it| it.word()).collect()),
        ("drug.how", all(HOWS)),
        ("drug.says", all(STANDINGS)),
        ("drug.why", all(OUTSIDES)),
        ("drug.group", all(&GROUPS)),
    ]
}

/// How a person calls another: the relation with the other's sex, themselves, or a minor they act for.
fn called() -> Vec<&'static str> {
    const WORDS: &[&str] = &[
        "self",
        "minor",
        "spouse_male",
        "spouse_female",
        "parent_male",
        "parent_female",
        "child_male",
        "child_female",
        "sibling_male",
        "sibling_female",
        "grandparent_male",
        "grandparent_female",
        "grandchild_male",
        "grandchild_female",
        "spouse_parent_male",
        "spouse_parent_female",
        "child_spouse_male",
        "child_spouse_female",
        "designated_male",
        "designated_female",
    ];
    WORDS.to_vec()
}

/// The path of one of a reason's texts.
pub fn of_reason(code: &str, text: &str) -> String {
    format!("reason.{code}.{text}")
}

/// Every path that a file of texts has to have, with the facts that the text may speak of.
pub fn required() -> Vec<(String, &'static [&'static str])> {
    let mut all: Vec<(String, &[&str])> = Vec::new();
    for code in CODES {
        all.extend(REASON_TEXTS.iter().map(|text| (of_reason(code, text), Reason::arg_names(code))));
    }
    all.extend(crate::advice::NAMES.iter().map(|(name, args)| (format!("advice.{name}"), *args)));
    all.extend(SENTENCES.iter().map(|(path, args)| ((*path).to_owned(), *args)));
    for (list, words) in lists() {
        all.extend(words.iter().map(|word| (format!("{list}.{word}"), &[] as &[&str])));
    }
    for sight in ["not_allowed", "over", "returned"] {
        all.push((format!("words.lines.{sight}"), &["name"]));
    }
    all.push(("words.lines.settled_before".to_owned(), &["name", "since"]));
    all.push(("words.usable_why.prior_only".to_owned(), &[]));
    all.push(("words.usable_why.floor".to_owned(), &["amount"]));
    all.push(("words.usable_why.both".to_owned(), &["amount"]));
    all
}
