#include "omop/hl7_map.h"

#include <algorithm>

#include "omop/code_systems.h"

namespace cohortium::omop {
namespace {

constexpr std::string_view kMappedTypes[] = {"ADT^A01", "ADT^A03", "ADT^A04", "ADT^A08",
                                             "ADT^A40", "ORU^R01", "VXU^V04"};

// The identifier of a CX repetition with the name of who gave it.
std::string identifier(const Message& message, std::string_view repetition) {
  const std::string id = message.unescape(message.component(repetition, 1));
  if (id.empty() || id.size() > 200) return "";
  return message.unescape(message.subcomponent(message.component(repetition, 4), 1)) + ":" + id;
}

// Of the patient's identifiers the medical record number, else the first.
std::string patient_id(const Message& message, std::string_view field) {
  const auto repetitions = message.repetitions(field);
  for (const std::string_view wanted : {"MR", "PI", ""})
    for (const std::string_view one : repetitions)
      if (wanted.empty() || message.component(one, 5) == wanted)
        if (const std::string id = identifier(message, one); !id.empty()) return id;
  return "";
}

// One message on its way into Drafts: what all its records share.
class Mapping {
 public:
  explicit Mapping(const Message& message) : message_(message), type_(message.type()) {
    const Segment* pid = message.first("PID");
    std::string id = patient_id(message, message.field(pid, 3));
    if (id.empty()) id = patient_id(message, message.field(pid, 2));
    if (id.empty()) throw Refusal{"patient_missing"};
    patient_ = id;
    updated_ = hl7_moment(message.text(&message.header(), 7));
  }

  std::vector<Draft> drafts() {
    bool seen_patient = false, seen_visit = false;
    for (const Segment& segment : message_.segments()) {
      const std::string& name = segment.name;
      if (name == "ORC") order_ = &segment;
      if (name == "OBR") request_ = &segment;
      if (name == "PID" && !std::exchange(seen_patient, true)) add(segment, "", &Mapping::map_patient);
      if (name == "PV1" && !std::exchange(seen_visit, true)) add(segment, "", &Mapping::map_visit);
      if (name == "OBX") add(segment, request_ == nullptr ? "" : request_->raw, &Mapping::map_observation);
      if (name == "DG1") add(segment, "", &Mapping::map_diagnosis);
      if (name == "PR1") add(segment, "", &Mapping::map_procedure);
      if (name == "AL1") add(segment, "", &Mapping::map_allergy);
      if (name == "RXA") add(segment, order_ == nullptr ? "" : order_->raw, &Mapping::map_administration);
    }
    return std::move(drafts_);
  }

 private:
  using Map = void (Mapping::*)(const Segment&, Draft&);

  // `context`: what else decides what the segment becomes, so that a change of it is seen.
  void add(const Segment& segment, const std::string& context, Map map) {
    Draft draft{.kind = segment.name, .updated = updated_};
    draft.raw = context.empty() ? segment.raw : context + "\r" + segment.raw;
    try {
      (this->*map)(segment, draft);
    } catch (const Refusal& refusal) {
      Draft rejected{.kind = segment.name, .id = draft.id, .raw = draft.raw, .updated = updated_};
      rejected.reason = refusal.reason;
      rejected.withdraws = refusal.withdraws;
      rejected.subject = draft.subject;
      draft = std::move(rejected);
    }
    drafts_.push_back(std::move(draft));
  }

  std::string text(const Segment& segment, std::size_t field, std::size_t component = 1) const {
    return message_.text(&segment, field, component);
  }
  bool is_adt() const { return type_.starts_with("ADT"); }

  // The ids of what has none of its own: whose it is, and what tells it apart.
  void name_event(Draft& draft, std::initializer_list<std::string> parts) const {
    draft.id = patient_;
    for (const std::string& part : parts) draft.id += "|" + part;
    draft.subject = "PID/" + patient_;
    draft.visit = visit_;
  }

  Moment needed_date(std::optional<Moment> said) const {
    if (said) return *said;
    if (visit_start_) return *visit_start_;
    throw Refusal{"date_missing"};
  }

  void map_patient(const Segment& pid, Draft& draft) {
    draft.id = patient_;
    draft.subject = draft.key();
    draft.only_if_absent = !is_adt();  // results carry less than registrations
    if (type_ == "ADT^A40") {
      const std::string away = patient_id(message_, message_.field(message_.first("MRG"), 1));
      if (away.empty()) throw Refusal{"merged_patient_missing"};
      draft.merged_away = "PID/" + away;
      draft.raw += "\r" + message_.first("MRG")->raw;
    }
    const auto birth = moment_in(message_, &pid, 7, draft);
    if (!birth) throw Refusal{"birth_date_missing"};
    Person person{.birth = *birth, .gender = text(pid, 8)};
    person.gender_concept = gender_concept(person.gender);
    for (const std::string_view race : message_.repetitions(message_.field(&pid, 10)))
      if (person.race.empty()) person.race = message_.unescape(message_.component(race, 1));
    person.race_concept = race_concept(person.race);
    person.ethnicity = text(pid, 22);
    person.ethnicity_concept = ethnicity_concept(person.ethnicity);
    person.death = moment_in(message_, &pid, 29, draft);
    if (!person.death && text(pid, 30) == "Y") draft.notes.push_back("death_without_date");
    if (!message_.field(&pid, 11).empty()) draft.address = address(pid);
    draft.person = std::move(person);
  }

  Address address(const Segment& pid) const {
    const auto repetitions = message_.repetitions(message_.field(&pid, 11));
    if (repetitions.empty()) return {};
    const auto part = [&](std::size_t number) { return message_.unescape(message_.component(repetitions[0], number)); };
    std::string street;
    for (const std::size_t number : {1, 2})
      if (const auto piece = message_.subcomponent(message_.component(repetitions[0], 1), number); !piece.empty())
        street += (street.empty() ? "" : " ") + message_.unescape(piece);
    return {.line_1 = street,
            .line_2 = part(2),
            .city = part(3),
            .state = part(4),
            .zip = part(5),
            .county = part(9),
            .country = part(6)};
  }

  void map_visit(const Segment& pv1, Draft& draft) {
    const Segment* event = message_.first("EVN");
    const std::string admitted = text(pv1, 44);
    std::string number = identifier(message_, message_.field(&pv1, 19));
    if (number.empty() && !admitted.empty()) number = patient_ + "|" + admitted;
    if (number.empty()) throw Refusal{"visit_unnamed"};
    draft.id = number;
    draft.subject = "PID/" + patient_;
    draft.only_if_absent = !is_adt();
    draft.raw = type_ + "\r" + (event == nullptr ? "" : event->raw + "\r") + pv1.raw;
    visit_ = draft.key();
    Event visit{.area = Area::kVisit, .type_concept = 32827};
    const bool begins = type_ == "ADT^A01" || type_ == "ADT^A04";
    auto start = moment_in(message_, &pv1, 44, draft);
    if (!start && begins) start = moment_in(message_, event, 2, draft);
    visit.start = needed_date(start);
    visit_start_ = visit.start;
    visit.end = moment_in(message_, &pv1, 45, draft);
    if (!visit.end && type_ == "ADT^A03") visit.end = moment_in(message_, event, 2, draft);
    if (visit.end && visit.end->date() < visit.start.date()) throw Refusal{"end_before_start"};
    if (!visit.end) draft.notes.push_back("visit_without_end");
    const std::string visit_class = text(pv1, 2);
    visit.standard_concept = visit_concept(visit_class);
    if (!visit_class.empty()) visit.code = {{"HL70004", visit_class, ""}};
    if (const std::string from = text(pv1, 14); !from.empty()) visit.admitted_from = {{"HL70023", from, ""}};
    if (const std::string to = text(pv1, 36); !to.empty()) visit.discharged_to = {{"HL70112", to, ""}};
    draft.events.push_back(std::move(visit));
  }

  void map_observation(const Segment& obx, Draft& draft) {
    name_event(draft, {message_.text(request_, 3), message_.text(request_, 4), text(obx, 3), text(obx, 4), text(obx, 1),
                       text(obx, 14)});
    const std::string status = text(obx, 11);
    if (status == "D" || status == "W") throw Refusal{"entered_in_error", true};
    if (status == "X" || status == "I" || status == "N" || status == "O") throw Refusal{"not_done", true};
    Event event{.area = is_adt() || type_ == "VXU^V04" ? Area::kObservation : Area::kMeasurement};
    if (type_ == "ORU^R01") event.type_concept = 32856;  // "Lab"
    event.code = coded(message_, message_.field(&obx, 3));
    if (event.code.empty()) throw Refusal{"code_missing"};
    auto date = moment_in(message_, &obx, 14, draft);
    for (const std::size_t field : {7, 22})
      if (!date) date = moment_in(message_, request_, field, draft);
    event.start = needed_date(date);
    draft.events = observed(message_, obx, event, draft);
  }

  void map_diagnosis(const Segment& dg1, Draft& draft) {
    name_event(draft, {visit_, text(dg1, 3), text(dg1, 4), text(dg1, 5), text(dg1, 6)});
    Event event{.area = Area::kCondition};
    event.code = coded(message_, message_.field(&dg1, 3));
    if (event.code.empty() && !text(dg1, 4).empty()) event.code = {{"", "", text(dg1, 4)}};
    if (event.code.empty()) throw Refusal{"code_missing"};
    if (event.code[0].system.empty()) event.code[0].system = text(dg1, 2);
    event.start = needed_date(moment_in(message_, &dg1, 5, draft));
    if (const std::string kind = text(dg1, 6); !kind.empty()) event.qualifier = {{"HL70052", kind, ""}};
    draft.events.push_back(std::move(event));
  }

  void map_procedure(const Segment& pr1, Draft& draft) {
    name_event(draft, {visit_, text(pr1, 3), text(pr1, 5)});
    Event event{.area = Area::kProcedure};
    event.code = coded(message_, message_.field(&pr1, 3));
    if (event.code.empty()) throw Refusal{"code_missing"};
    event.start = needed_date(moment_in(message_, &pr1, 5, draft));
    draft.events.push_back(std::move(event));
  }

  void map_allergy(const Segment& al1, Draft& draft) {
    name_event(draft, {text(al1, 3), text(al1, 3, 2), text(al1, 6)});
    Event event{.area = Area::kObservation, .text = "allergy or intolerance"};
    event.code = coded(message_, message_.field(&al1, 3));
    if (event.code.empty()) throw Refusal{"code_missing"};
    event.start = needed_date(moment_in(message_, &al1, 6, draft));
    if (const std::string severity = text(al1, 4); !severity.empty())
      event.qualifier = {{text(al1, 4, 3), severity, ""}};
    draft.events.push_back(std::move(event));
  }

  void map_administration(const Segment& rxa, Draft& draft) {
    name_event(draft, {message_.text(order_, 3), text(rxa, 5), text(rxa, 3)});
    const std::string completion = text(rxa, 20);
    if (text(rxa, 21) == "D") throw Refusal{"entered_in_error", true};
    if (completion == "NA" || completion == "RE") throw Refusal{"not_done", true};
    Event event{.area = Area::kDrug, .type_concept = 32818};
    event.code = coded(message_, message_.field(&rxa, 5));
    if (event.code.empty()) throw Refusal{"code_missing"};
    const auto start = moment_in(message_, &rxa, 3, draft);
    if (!start) throw Refusal{"date_missing"};
    event.start = *start;
    if (const std::string quantity = text(rxa, 6); !quantity.empty() && quantity != "999")  // 999: not known
      event.quantity = number_in(quantity);
    event.dose_unit = text(rxa, 7);
    event.lot = text(rxa, 15);
    const auto next = std::find_if(message_.segments().begin(), message_.segments().end(),
                                   [&](const Segment& one) { return &one == &rxa; }) +
                      1;
    if (next != message_.segments().end() && next->name == "RXR")
      event.route = coded(message_, message_.field(&*next, 1));
    draft.events.push_back(std::move(event));
  }

  const Message& message_;
  std::string type_, patient_, visit_;
  std::optional<Moment> updated_, visit_start_;
  const Segment* request_ = nullptr;  // the OBR that the next OBX belong to
  const Segment* order_ = nullptr;    // the ORC that the next RXA belongs to
  std::vector<Draft> drafts_;
};

}  // namespace

bool is_mapped_type(std::string_view type) {
  return std::find(std::begin(kMappedTypes), std::end(kMappedTypes), type) != std::end(kMappedTypes);
}

std::vector<Draft> map_message(const Message& message) { return Mapping(message).drafts(); }

}  // namespace cohortium::omop
