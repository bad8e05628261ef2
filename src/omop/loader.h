// Puts Drafts into the tables of a Store, in batches, each batch one transaction.
//
// Idempotent   a record whose digest is known changes nothing; one that says something new replaces its earlier rows,
//              unless the source changed it before the version that is there. The digest covers the record, the state of
//              the vocabulary, and which of the records it refers to are there.
// Nothing lost every record that is added is counted as new, replaced, unchanged, outdated or rejected; every rejected one
//              stands in cohortium_reject. A file's rejects are those of its last load.
// References   a record whose patient is unknown is rejected. Unknown visits, providers and care sites stay empty, and
//              are counted under notes.
// Memory       one batch: at most 20,000 records and 32 MiB of text.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "omop/draft.h"
#include "omop/store.h"

namespace cohortium::omop {

using Counts = std::map<std::string, std::int64_t>;

struct Summary {
  std::int64_t read = 0;                // records, as the reader of the files counts them
  Counts messages;                      // of HL7 v2: mapped, rejected, not_mapped
  std::map<std::string, Counts> kinds;  // kind of record to outcome: new, replaced, unchanged, outdated, rejected
  Counts not_mapped;                    // kinds that are declared as not mapped
  Counts reasons;                       // of rejects
  Counts notes;

  std::int64_t total(const std::string& outcome) const;
  std::int64_t mapped() const;  // new, replaced, unchanged and outdated: the database says what they say, or better
  std::int64_t rejected() const { return total("rejected"); }
  std::int64_t declared_not_mapped() const;
  bool accounts_for_all() const { return read == mapped() + rejected() + declared_not_mapped(); }
};

class Loader {
 public:
  explicit Loader(Store& store);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Records come from this file from now on. Its earlier rejects are forgotten, unless it is read a further time.
  void begin_file(const std::string& name, bool first_reading = true);
  void add(const Draft& draft);
  void count_not_mapped(const std::string& kind);
  void count_read(std::int64_t records = 1);
  void count_message(const std::string& outcome);
  // What was added is in the file, durably.
  void commit();
  // commit(), and the observation periods of everybody who was touched.
  void finish();

  const Summary& summary() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Number of rows of each table of the model that has any.
Counts table_rows(Store& store);

}  // namespace cohortium::omop
