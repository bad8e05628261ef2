// A study as its analyst signed it: what is submitted, approved and run.
//
//   {"cohortium_envelope": 1, "study": {...}, "statement": {"analyst", "consortium", "expires", "signed", "study"},
//    "signature": {...}}
//
// The statement is what is signed, in the domain "study": who asks, of which consortium (the digest of its first
// version), from when until when, and for which study, by its hash: the SHA-256 of its canonical text, purpose included.
//
// Guaranteed  this analyst asks this consortium for this very study, and no later than `expires`
// Not         that anybody agrees: decision.h
#pragma once

#include <string>
#include <string_view>

#include "governance/consortium.h"
#include "governance/identity.h"
#include "governance/signature.h"
#include "study/study_file.h"

namespace cohortium::governance {

struct Envelope {
  study::Study study;
  std::string analyst, consortium, signed_at, expires;
  Signature signature;
  std::string digest;  // SHA-256 of the statement: with another expiry it is another envelope
};

Envelope sign_study(const study::Study& study, const Identity& identity, const std::string& analyst,
                    const Consortium& consortium, const std::string& expires);

std::string envelope_text(const Envelope& envelope);
// Of a stranger's text. Fails with envelope.malformed or study.*; nothing is verified yet.
Envelope parse_envelope(std::string_view text);

// Whether it may run now. Fails with envelope.other_consortium, .not_an_analyst, .expired, or as verify (consortium.h).
void check_envelope(const Envelope& envelope, const Consortium& consortium);

}  // namespace cohortium::governance
