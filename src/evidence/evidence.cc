#include "evidence/evidence.h"

#include <fmt/format.h>

#include "base/error.h"

namespace cohortium::evidence {
namespace {

using nlohmann::json;

Document document_of(const Subject& subject) {
  Document document;
  document.not_covered = not_covered();
  document.inputs = subject.inputs.listed();
  document.parts = {records_of_processing(subject), data_minimisation(subject), impact_assessment(subject),
                    safeguards(subject)};
  document.about = subject.inputs.configuration ? "Made for " + subject.inputs.configuration->node +
                                                      ", from its configuration and from checked files."
                                                : "Made from checked files, without any node's configuration.";
  return document;
}

}  // namespace

Document consortium_evidence(const Inputs& inputs) {
  Document document = document_of({inputs});
  const governance::Consortium& consortium = inputs.consortium();
  document.kind = "consortium";
  document.title = consortium.name;
  document.subject = {{"consortium", consortium.name},
                      {"version", consortium.version},
                      {"sha256", consortium.digest},
                      {"founding_sha256", consortium.founding_digest}};
  return document;
}

Document study_evidence(const Inputs& inputs, const std::string& hash) {
  for (const SignedStudy& study : inputs.studies) {
    if (study.study().hash != hash) continue;
    Document document = document_of({inputs, &study});
    document.kind = "study";
    document.title = study.study().title;
    document.subject = {{"study", hash},
                        {"purpose", study.study().purpose},
                        {"analyst", study.envelope.analyst},
                        {"consortium", inputs.consortium().name},
                        {"consortium_sha256", inputs.consortium().digest}};
    return document;
  }
  throw Failure({.code = "evidence.no_study",
                 .message = "no signed study of this hash is among the files",
                 .where = hash.substr(0, 64),
                 .remedy = "give the signed study or its result.json"});
}

const std::vector<std::string>& not_covered() {
  static const std::vector<std::string> sentences = {
      "It is no legal advice and no finished assessment. Whether a measure is enough, and what risk remains, people "
      "decide.",
      "It does not know the legal basis, the contracts between members, who was informed, or whether consent was "
      "given.",
      "It does not see buildings, hosts, disks, workstations, networks or backups, nor who has access to them.",
      "It does not watch what happens to source records before a node reads them, nor to results after their release.",
      "It does not prevent two compute parties from pooling what they hold: together they have every site's "
      "aggregates.",
      "It compares a study with earlier ones two and three at a time: more studies without noise can together show a "
      "person "
      "that each of them hides.",
      "It does not check that records are true, nor that a site entered its own.",
      "It does not check whether the people behind the keys are who their names say; members compare fingerprints.",
      "Times are each node's own clock. Nodes whose logs were not given are not described.",
      "Nobody outside the project has reviewed the software yet (SECURITY.md)."};
  return sentences;
}

}  // namespace cohortium::evidence
