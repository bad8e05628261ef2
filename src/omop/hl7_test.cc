// HL7 v2: the parser against formats.json, and messages into rows, on public and hand-written ones.
#include "omop/hl7.h"

#include <algorithm>

#include "base/file.h"
#include "omop/hl7_load.h"
#include "omop/mllp.h"
#include "omop/testing/golden.h"

namespace cohortium::omop {
namespace {

class Hl7Test : public ::testing::Test {
 protected:
  Summary load(const std::string& text, const std::string& name = "a.hl7") {
    folder_.write(name, text);
    return load_path(folder_.path() / name);
  }
  Summary load_path(const std::filesystem::path& path) {
    Loader loader(store_);
    load_hl7(loader, path, {}, [](const Progress&) {});
    loader.finish();
    EXPECT_TRUE(loader.summary().accounts_for_all());
    return loader.summary();
  }
  using Rows = std::vector<std::string>;
  Rows rows(const std::string& sql) { return rows_of(store_, sql); }

  data::TestFolder folder_;
  Store store_{folder_.path() / "omop.duckdb"};
};

std::vector<RawMessage> messages_in(const std::filesystem::path& path) {
  MessageReader reader(path, {}, kMessageBytes);
  std::vector<RawMessage> all;
  for (RawMessage one; reader.next(one);) all.push_back(one);
  return all;
}

TEST_F(Hl7Test, EveryPublicMessageAsTheGoldenHasIt) {
  NEEDS_SHARED_DATA();
  const nlohmann::json golden = formats_golden()["hl7v2"];
  EXPECT_EQ(golden.size(), 20u);
  for (const auto& [file, expected] : golden.items()) {
    const auto messages = messages_in(shared_data() / "hl7v2" / file);
    ASSERT_EQ(messages.size(), 1u) << file;
    const Message message(messages[0].text);
    const auto first = [&](const Segment* segment, std::size_t field, std::size_t component) {
      const auto repetitions = message.repetitions(message.field(segment, field));
      return std::string(repetitions.empty() ? std::string_view() : message.component(repetitions[0], component));
    };
    const auto field = [&](const Segment* segment, std::size_t number) {
      return std::string(message.field(segment, number));
    };
    const std::string content = read_file(shared_data() / "hl7v2" / file);
    const bool bare = content.find('\n') != std::string::npos && content.find('\r') == std::string::npos;
    nlohmann::json found = {{"bytes", content.size()},
                            {"bom", content.starts_with("\xef\xbb\xbf")},
                            {"line_end", bare ? "LF" : "CR/CRLF"},
                            {"type", field(&message.header(), 9)},
                            {"control_id", field(&message.header(), 10)},
                            {"processing", field(&message.header(), 11)},
                            {"version", field(&message.header(), 12)},
                            {"datetime", field(&message.header(), 7)},
                            {"segments", nlohmann::json::array()},
                            {"obx", nlohmann::json::array()}};
    const Segment* pid = message.first("PID");
    found["pid3_first"] = first(pid, 3, 1);
    found["pid5_family"] = first(pid, 5, 1);
    found["pid5_given"] = first(pid, 5, 2);
    found["pid7_birth"] = field(pid, 7);
    found["pid8_sex"] = field(pid, 8);
    found["pid3_repetitions"] = message.repetitions(message.field(pid, 3)).size();
    for (const Segment& segment : message.segments()) {
      found["segments"].push_back(segment.name);
      if (segment.name != "OBX") continue;
      const auto part = [&](std::size_t number, std::size_t component) {
        return std::string(message.component(message.field(&segment, number), component));
      };
      found["obx"].push_back({{"set_id", field(&segment, 1)},
                              {"type", field(&segment, 2)},
                              {"code", part(3, 1)},
                              {"system", part(3, 3)},
                              {"value", field(&segment, 5)},
                              {"units", part(6, 1)},
                              {"range", field(&segment, 7)},
                              {"flag", field(&segment, 8)},
                              {"status", field(&segment, 11)}});
    }
    EXPECT_EQ(found, expected) << file;
  }
}

TEST_F(Hl7Test, PublicMessagesAreAccountedForAndRepeatable) {
  NEEDS_SHARED_DATA();
  const Summary first = load_path(shared_data() / "hl7v2");
  EXPECT_EQ(first.messages, (Counts{{"mapped", 17}, {"not_mapped", 3}}));
  EXPECT_EQ(first.not_mapped, (Counts{{"MDM^T02", 1}, {"ORM^O01", 1}, {"SIU^S12", 1}}));
  // Every OBX segment of the golden's mapped messages is a row or a reject.
  std::int64_t expected = 0;
  const nlohmann::json golden = formats_golden();
  for (const auto& [file, facts] : golden["hl7v2"].items())
    if (!first.not_mapped.contains(facts["type"].get<std::string>().substr(0, 7)))
      expected += static_cast<std::int64_t>(facts["obx"].size());
  std::int64_t counted = 0;
  for (const auto& [outcome, count] : first.kinds.at("OBX")) counted += count;
  EXPECT_EQ(counted, expected);
  const auto before = state_of(store_);
  const auto rejects = rows("SELECT * FROM cohortium_reject ORDER BY ALL");
  load_path(shared_data() / "hl7v2");
  EXPECT_EQ(state_of(store_), before);
  EXPECT_EQ(rows("SELECT * FROM cohortium_reject ORDER BY ALL"), rejects);
  EXPECT_EQ(rows("SELECT year_of_birth, gender_concept_id FROM person WHERE person_source_value = '1:10006579'"),
            Rows{"1924|8507"});
  // The second of two messages about one order corrects the first.
  EXPECT_EQ(
      rows("SELECT value_as_number, value_source_value, unit_source_value, measurement_date FROM measurement WHERE "
           "measurement_source_value = '11125-2' ORDER BY 1"),
      (Rows{"220.0|NULL|giga.l-1|2014-10-06", "NULL|Platelets show defective granulation.|NULL|2011-01-03"}));
}

constexpr const char* kHeader = "MSH|^~\\&|A|B|C|D|";
std::string adt(const std::string& event, const std::string& at, const std::string& patient, const std::string& more) {
  return kHeader + at + "||ADT^" + event + "|" + event + at + "|P|2.5\rEVN|" + event + "|" + at + "\rPID|1||" +
         patient + "^^^H^MR||DOE^J||19500101|F\r" + more;
}

TEST_F(Hl7Test, AStayFromAdmissionToDischarge) {
  load(adt("A01", "20200101120000+0100", "7", "PV1|1|I|||||||||||||||||V1\rDG1|1|I10|I21^Infarct^I10||20200102\r"));
  EXPECT_EQ(rows("SELECT visit_concept_id, visit_start_datetime, visit_end_date FROM visit_occurrence"),
            Rows{"9201|2020-01-01 12:00:00|2020-01-01"});
  load(adt("A03", "20200109080000+0100", "7",
           "PV1|1|I|||||||||||||||||V1|||||||||||||||||||||||||202001011200|202001090800\r"),
       "b.hl7");
  EXPECT_EQ(rows("SELECT visit_start_datetime, visit_end_datetime FROM visit_occurrence"),
            Rows{"2020-01-01 12:00:00|2020-01-09 08:00:00"});
  EXPECT_EQ(
      rows("SELECT condition_source_value, condition_start_date, c.visit_occurrence_id = v.visit_occurrence_id FROM "
           "condition_occurrence c, visit_occurrence v"),
      Rows{"I21|2020-01-02|true"});
}

TEST_F(Hl7Test, MergedPatientsAreOne) {
  load(adt("A04", "20200101", "old", "PV1|1|O|||||||||||||||||V1\r") + adt("A04", "20200102", "new", ""));
  EXPECT_EQ(rows("SELECT count(*) FROM person"), Rows{"2"});
  load(adt("A40", "20200103", "new", "MRG|old^^^H^MR\r"), "b.hl7");
  EXPECT_EQ(rows("SELECT person_source_value, visit_source_value FROM person JOIN visit_occurrence USING (person_id)"),
            Rows{"H:new|O"});
  // What still comes under the old number is the new one's.
  load(std::string(kHeader) +
           "20200105||ORU^R01|1|P|2.5\rPID|1||old^^^H^MR||DOE||19500101|F\rOBR|1||9|x|||20200104\r"
           "OBX|1|NM|718-7^Hb^LN||13.5|g/dL||||F\r",
       "c.hl7");
  EXPECT_EQ(rows("SELECT person_source_value, value_as_number, measurement_date FROM person JOIN measurement USING "
                 "(person_id)"),
            Rows{"H:new|13.5|2020-01-04"});
  EXPECT_EQ(rows("SELECT count(*) FROM person"), Rows{"1"});
}

TEST_F(Hl7Test, ACorrectedResultReplacesAndADeletedOneGoes) {
  const auto result = [](const char* at, const char* value, const char* status) {
    return std::string(kHeader) + at +
           "||ORU^R01|1|P|2.5\nPID|1||7^^^H^MR||DOE||19500101|F\nOBR|1||9|x|||20200104\nOBX|1|NM|"
           "718-7^Hb^LN||" +
           value + "|g/dL|12-16||||" + status + "\n";
  };
  load(result("20200105", "13.5", "P"));
  load(result("20200106", "14.5", "C"), "b.hl7");
  EXPECT_EQ(rows("SELECT value_as_number, range_low, range_high FROM measurement"), Rows{"14.5|12.0|16.0"});
  EXPECT_EQ(load(result("20200107", "14.5", "D"), "c.hl7").reasons, (Counts{{"entered_in_error", 1}}));
  EXPECT_EQ(rows("FROM measurement"), Rows{});
}

TEST_F(Hl7Test, FramesSeparatorsEscapesAndBatches) {
  const std::string one =
      "MSH*!~\\&*A*B***20200101**ADT!A04*1*P*2.5\rPID*1**7!!!H!MR**DOE**19500101*M***Street \\S\\ 1\\T\\2\r";
  folder_.write("a.hl7", "FHS|^~\\&\r\nBHS|^~\\&\r\n\x0b" + one + "\x1c\r\x0b" + one +
                             "NTE*1**MSH*in a text\r\x1c\rBTS|2\rFTS|1\r");
  const auto messages = messages_in(folder_.path() / "a.hl7");
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].line, 3);
  const Message message(messages[1].text);
  EXPECT_EQ(message.type(), "ADT^A04");
  EXPECT_EQ(message.text(message.first("PID"), 11), "Street ! 1&2");
  EXPECT_EQ(message.first("NTE")->fields[3], "MSH");
  EXPECT_EQ(load_path(folder_.path() / "a.hl7").messages, (Counts{{"mapped", 2}}));
}

TEST_F(Hl7Test, AnAcknowledgementIsAMessageWhereTheControlIdIsTooLong) {
  std::string control(198, 'c');
  for (int letter = 0; letter < 3; ++letter) control += "\u00fc";  // the 199th byte stands within the first of them
  const std::string message = std::string(kHeader) + "2020||ADT^A04|" + control + "|P|2.5\rPID|1||7||A||1950\r";
  const Message answer(acknowledgement(message, "AA", ""));
  EXPECT_EQ(answer.control_id().size(), 1u + 14u + 198u);
  EXPECT_EQ(answer.text(answer.first("MSA"), 2), control);
}

TEST_F(Hl7Test, EveryFaultHasItsReason) {
  const std::pair<std::string, const char*> faults[] = {
      {"hello\r", "text_before_message"},
      {"MSH\r", "bad_message"},
      {"MSH||||||\r", "bad_separators"},
      {std::string(kHeader) + "2020||ADT^A01|1|P|2.5\rpid|1\r", "bad_segment"},
      {std::string(kHeader) + "2020||ADT|1|P|2.5\r", "bad_message_type"},
      {std::string(kHeader) + "2020||ADT^A01|1|P|2.5\rPID|1||\r", "patient_missing"},
      {std::string(kHeader) + "2020||ADT^A01|1|P|2.5\rPID|1||7|\xff\r", "invalid_utf8"},
      {std::string(kHeader) + std::string(9'000'000, 'x') + "\r", "message_too_long"},
      {std::string(kHeader) + "2020||ADT^A04|1|P|2.5\rPID|1||7||A||1950\rPV1|1|O\r", "visit_unnamed"},
      {std::string(kHeader) + "2020||ADT^A04|1|P|2.5\rPID|1||7||A||\r", "birth_date_missing"},
      {std::string(kHeader) + "2020||ADT^A40|1|P|2.5\rPID|1||7||A||1950\rMRG|\r", "merged_patient_missing"}};
  for (const auto& [text, reason] : faults) EXPECT_EQ(load(text).reasons, (Counts{{reason, 1}})) << text.substr(0, 80);
  // ISO 8859-1 is taken where it is declared.
  load(std::string(kHeader) + "2020||ADT^A04|1|P|2.5||||||8859/1\rPID|1||7||M\xfcller||1950|||||\r");
  EXPECT_EQ(rows("SELECT person_source_value FROM person WHERE person_source_value = ':7'"), Rows{":7"});
}

}  // namespace
}  // namespace cohortium::omop
