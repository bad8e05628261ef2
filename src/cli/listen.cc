// `cohortium listen hl7`: messages of a hospital's interface engine into an OMOP database as they come.
#include <fmt/format.h>

#include <cstdio>

#include "base/output.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "omop/mllp.h"

namespace cohortium::cli {

void listen_hl7(const ListenOptions& options, const Output& output) {
  omop::Store store(options.into);
  omop::Loader loader(store);
  omop::MllpListener listener(options.port, {.message_time = std::chrono::seconds(options.message_seconds)});
  omop::MessageStore messages(loader, fmt::format("mllp:{}", listener.port()));
  std::printf("listening on 127.0.0.1:%d\n", listener.port());
  finish_output();
  bool behind = false;  // observation periods are, of the messages that came
  listener.serve(
      [&](const std::string& message) {
        behind = true;
        return messages.answer(message);
      },
      [&] {
        if (std::exchange(behind, false)) loader.finish();
      },
      interrupted());
  loader.finish();
  print_load_summary(loader.summary(), omop::table_rows(store), output);
}

}  // namespace cohortium::cli
