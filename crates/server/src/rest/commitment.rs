//! The commitment (承诺书): its text in force for two people, to be read and signed before a binding is started, and the text
//! that was signed for one that there is (R-D2, R-D4).

use super::bindings::binding_seen;
use super::call::{Answer, Answered, Call};
use super::people::Who;
use super::problem::Problem;
use super::telling::Teller;
use super::wire::{Instant, words};
use crate::commitment::{self, Commitment, VERSION, digest};
use crate::vault::hex;
use domain::binding::Binding;
use domain::day::Day;
use domain::facts::Facts;
use domain::ids::{BindingNo, Lookup, PersonNo};
use domain::needs::Needs;
use domain::reason::Reason;
use domain::request::{Actor, Bind};
use domain::words::{Channel, Side};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The two whom a commitment is to speak of.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommitmentAsked {
    /// Whose account. Whoever may not read this person's name sends it along.
    giver: Who,
    /// Who may spend it. Likewise.
    beneficiary: Who,
    /// What the beneficiary is to the giver.
    relation: words::Relation,
    /// For whom a clerk acts: who signs.
    on_behalf_of: Option<Who>,
}

/// The commitment in force, for two people and whoever signs it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CommitmentText {
    /// Its version.
    #[schema(example = "2026-11")]
    version: &'static str,
    /// The exact text to be signed, in Chinese.
    text: String,
    /// The text's SM3 digest, 64 hexadecimal digits.
    digest: String,
    /// A translation, for whoever reads English; it is not what is signed.
    translation: Option<String>,
}

/// The commitment that was signed for a binding.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SignedText {
    /// Its version.
    #[schema(example = "2026-11")]
    version: String,
    /// The digest that was kept of what was signed.
    digest: String,
    /// The exact text, which gives that digest; none where the text is another system's, or speaks of a name that has
    /// changed since.
    text: Option<String>,
    /// On which side it was signed.
    by: words::Side,
    /// When.
    signed: Instant,
}

/// On which side somebody signs, and whether for a minor; `None` where they may not.
fn capacity(
    facts: &Facts,
    today: Day,
    signer: PersonNo,
    giver: PersonNo,
    beneficiary: PersonNo,
) -> Option<(Side, bool)> {
    let minors = |it: PersonNo| facts.persons.get(&it).and_then(|it| it.guardian_on(today)) == Some(signer);
    let capacities = [
        (signer == giver, Side::Giver, false),
        (signer == beneficiary, Side::Beneficiary, false),
        (minors(beneficiary), Side::Beneficiary, true),
        (minors(giver), Side::Giver, true),
    ];
    capacities.into_iter().find(|(is_it, ..)| *is_it).map(|(_, side, is_guardian)| (side, is_guardian))
}

/// A person's name, for who may read it or has sent it along: it was compared with the one on record then.
fn name_for(teller: &Teller<'_>, person: PersonNo, sent: &Who, field: &str) -> Result<String, Problem> {
    let remedy = "Write the person's name beside the number: the letter names both.";
    let told = teller.entitled(person) || sent.is_named();
    let name = teller.identity(person).map(|it| it.name).filter(|_| told);
    name.ok_or_else(|| Problem::malformed(&format!("{field}.name"), remedy))
}

/// `POST /commitment`.
pub(crate) async fn show(call: Call) -> Answered {
    let sent: CommitmentAsked = call.body()?;
    let giver = call.lookup(&sent.giver, "giver").await?;
    let beneficiary = call.lookup(&sent.beneficiary, "beneficiary").await?;
    let nobody = || Problem::forbidden("Whoever signs is the giver, the beneficiary, or a minor's guardian.");
    let signer = call.actor(sent.on_behalf_of.as_ref()).await?.person().ok_or_else(nobody)?;
    let (lookups, persons) = ([giver, beneficiary].into(), [signer].into());
    let seen = call.see(Needs { lookups, persons, ..Needs::default() }).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let found = |lookup: Lookup, field: &str| {
        let unknown = Reason::PersonUnknown { field: field.to_owned() };
        teller.facts.person_by(lookup).map(|it| it.no).ok_or_else(|| Problem::refused(&[unknown], &teller))
    };
    let (gives, receives) = (found(giver, "giver")?, found(beneficiary, "beneficiary")?);
    call.may_see_one_of(teller.facts, &[gives, receives])?;
    let today = seen.at.day();
    let (side, is_guardian) = capacity(teller.facts, today, signer, gives, receives).ok_or_else(nobody)?;
    let it = Commitment {
        giver: name_for(&teller, gives, &sent.giver, "giver")?,
        beneficiary: name_for(&teller, receives, &sent.beneficiary, "beneficiary")?,
        relation: sent.relation.0,
        signer: teller.identity(signer).map(|it| it.name).ok_or_else(nobody)?,
        side,
        is_guardian,
        day: today,
    };
    let text = it.text(&call.app.texts);
    let translation = call.english.then(|| it.in_english(&call.app.texts));
    Ok(Answer::ok(&CommitmentText { version: VERSION, digest: hex(&digest(&text)), text, translation }))
}

impl Call {
    /// Whether what was signed to start a binding is the commitment in force for these two and whoever signs (R-D4). A letter of
    /// a partner's is kept as it is, and nobody's is asked for where the decision is going to say who is missing.
    pub(crate) async fn letter_is_ours(&self, bind: &Bind, signer: Actor) -> Result<(), Problem> {
        let Some((version, signed)) = &bind.commitment else { return Ok(()) };
        if !commitment::is_ours(version) && bind.channel == Channel::Partner {
            return Ok(());
        }
        if version != VERSION {
            let remedy =
                format!("The commitment in force is {VERSION}: read and sign what `POST /commitment` gives.");
            return Err(Problem::malformed("commitment.version", remedy));
        }
        let Some(letter) = self.letter_for(bind, signer).await? else { return Ok(()) };
        if digest(&letter.text(&self.app.texts)) == signed.0 {
            return Ok(());
        }
        let remedy = "This is not the text that `POST /commitment` gives for these two, this relation and whoever signs: \
             read and sign that one.";
        Err(Problem::malformed("commitment", remedy))
    }

    /// The letter that starts a binding; `None` where somebody is unknown, or signs for nobody.
    async fn letter_for(&self, bind: &Bind, signer: Actor) -> Result<Option<Commitment>, Problem> {
        let Some(signer) = signer.person() else { return Ok(None) };
        let (lookups, persons) = ([bind.giver, bind.beneficiary].into(), [signer].into());
        let seen = self.see(Needs { lookups, persons, ..Needs::default() }).await?;
        let (facts, day) = (&seen.rows.facts, seen.at.day());
        let number = |lookup| facts.person_by(lookup).map(|it| it.no);
        let (Some(gives), Some(receives)) = (number(bind.giver), number(bind.beneficiary)) else {
            return Ok(None);
        };
        let Some((side, is_guardian)) = capacity(facts, day, signer, gives, receives) else {
            return Ok(None);
        };
        let teller = seen.teller(self.viewer(), &self.app);
        let name = |person| teller.identity(person).map(|it| it.name);
        let (Some(giver), Some(beneficiary), Some(signer)) = (name(gives), name(receives), name(signer))
        else {
            return Ok(None);
        };
        Ok(Some(Commitment { giver, beneficiary, relation: bind.relation, signer, side, is_guardian, day }))
    }

    /// The text that gives the digest that was kept: signed by the person of that side, or by a guardian for them.
    async fn signed_text(&self, facts: &Facts, binding: &Binding) -> Result<Option<String>, Problem> {
        let (side, day) = (binding.started.by, binding.started.at.day());
        let signs_for = binding.person_on(side);
        let guardian = facts.persons.get(&signs_for).and_then(|it| it.guardian_on(day));
        let (giver, beneficiary) =
            (self.identity(binding.giver).await?, self.identity(binding.beneficiary).await?);
        let (Some(giver), Some(beneficiary)) = (giver, beneficiary) else { return Ok(None) };
        for (signer, is_guardian) in [(Some(signs_for), false), (guardian, true)] {
            let Some(signer) = signer else { continue };
            let Some(signer) = self.identity(signer).await? else { continue };
            let it = Commitment {
                giver: giver.name.clone(),
                beneficiary: beneficiary.name.clone(),
                relation: binding.relation,
                signer: signer.name,
                side,
                is_guardian,
                day,
            };
            let text = it.text_of(&binding.commitment.version, &self.app.texts);
            let text = text.filter(|it| digest(it) == binding.commitment.digest.0);
            if text.is_some() {
                return Ok(text);
            }
        }
        Ok(None)
    }
}

/// `GET /bindings/{no}/commitment`. It has the names of both in full: it is read by whoever signed it, and by staff.
pub(crate) async fn signed(call: Call) -> Answered {
    let (seen, binding) = binding_seen(&call, BindingNo(call.number("no")?)).await?;
    let side = binding.started.by;
    let remedy = "The letter names both in full: it is read by whoever signed it.";
    if !seen.teller(call.viewer(), &call.app).entitled(binding.person_on(side)) {
        return Err(Problem::forbidden(remedy));
    }
    let text = call.signed_text(&seen.rows.facts, &binding).await?;
    Ok(Answer::ok(&SignedText {
        version: binding.commitment.version.clone(),
        digest: binding.commitment.digest.to_string(),
        text,
        by: words::Side(side),
        signed: Instant::of(binding.started.at),
    }))
}
