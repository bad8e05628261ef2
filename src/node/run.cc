#include "node/run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <nlohmann/json.hpp>

#include "mpc/protocols.h"
#include "mpc/session.h"
#include "net/memory_channel.h"
#include "net/tls_channel.h"
#include "node/contribution.h"
#include "node/dealt.h"
#include "node/earlier_releases.h"
#include "node/members.h"
#include "node/quality_gate.h"
#include "study/site_agreement.h"

namespace cohortium::node {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds connect_patience{10};
constexpr std::chrono::minutes reading_patience{30};  // until a site has read its records and deals

// Between a site and a compute party, who may let each other wait while one of them works.
std::unique_ptr<net::Channel> site_channel(std::unique_ptr<net::TlsStream> stream) {
  std::vector<std::unique_ptr<net::TlsStream>> streams;
  streams.push_back(std::move(stream));
  return std::move(net::make_tls_channels(std::move(streams), {.patience = reading_patience}).front());
}

class Part {
 public:
  Part(const RunSettings& settings, Rendezvous& rendezvous, Progress& progress)
      : settings_(settings),
        rendezvous_(rendezvous),
        progress_(progress),
        parties_(compute_party_names(settings.consortium, settings.plan.study().protocol)) {
    if (is_party() && is_site()) {
      auto [to_self, from_self] = net::memory_channel_pair(name(), name(), reading_patience);
      to_self_ = std::move(to_self);
      from_self_ = std::move(from_self);
    }
  }

  json run() {
    if (!is_party()) {
      deal();
      return json::object();
    }
    if (!is_site()) return compute();
    // Reading happens while the parties shake hands. Whichever half fails first ends the other.
    std::future<void> dealing = std::async(std::launch::async, [this] {
      try {
        deal();
      } catch (...) {
        rendezvous_.give_up(settings_.run, error_from_current_exception());
        to_self_.reset();
        throw;
      }
    });
    const Result<json> computed = attempt([this] { return compute(); });
    if (!computed.ok()) {
      rendezvous_.give_up(settings_.run, computed.error());
      from_self_.reset();
    }
    const Result<bool> dealt = attempt([&] { return dealing.get(), true; });
    // A connection that broke says less than what it broke over.
    if (!dealt.ok() && (computed.ok() || computed.error().code.starts_with("net."))) throw Failure(dealt.error());
    return computed.value();
  }

 private:
  const std::string& name() const { return settings_.config.name; }
  const study::Study& study() const { return settings_.plan.study(); }
  bool is_site() const { return std::find(study().sites.begin(), study().sites.end(), name()) != study().sites.end(); }
  bool is_party() const { return std::find(parties_.begin(), parties_.end(), name()) != parties_.end(); }

  std::unique_ptr<net::TlsStream> connect(const std::string& peer, Purpose purpose) {
    auto stream = connect_to_member(member_named(settings_.consortium, peer), settings_.identity, settings_.peers,
                                    net::channel_protocol, net::after(connect_patience));
    greet(*stream, settings_.run, purpose);
    return stream;
  }

  data::Table read_table() {
    if (!settings_.config.source) {
      throw Failure({.code = "node.no_data",
                     .message = "the study names this node as a site, but it has no records",
                     .where = name(),
                     .remedy = "set \"data\" or [source] in its node.toml"});
    }
    study::SiteHarmonisation site{.rules = settings_.config.harmonise};
    const data::RowNaming naming = row_naming();
    if (settings_.config.source->kind == data::SourceKind::kFolder && study().cohort == nullptr)
      return noted(study::load_site_table(*settings_.config.source, study(), site, naming), site);
    const auto source = data::open_source(*settings_.config.source);
    const Rendezvous::Breakable breakable(rendezvous_, settings_.run, {}, [&] { source->cancel(); });
    return noted(study::load_site_table(*source, study(), site, naming), site);
  }

  // Rows are named where what they release is remembered (earlier_releases.h).
  data::RowNaming row_naming() const {
    if (study().privacy) return {};
    const auto identifier = settings_.config.identifiers.find(study().data.table);
    return {.identifier = identifier == settings_.config.identifiers.end() ? "" : identifier->second,
            .name = [hash = std::make_shared<crypto::KeyedHash>(settings_.releases.naming())](std::string_view text) {
              return (*hash)(text);
            }};
  }

  // How many duplicates were left out is for the site's own people: it counts records.
  data::Table noted(data::Table table, const study::SiteHarmonisation& site) const {
    if (!study().harmonise.same_row.empty())
      spdlog::info("run {}: {} rows of {} were left out as duplicates", settings_.run, site.duplicates,
                   study().data.table);
    return table;
  }

  // What this site has of the items in which all must agree, dealt to the compute parties.
  void deal_agreement(const std::vector<net::Channel*>& channels) {
    if (study::agreement_size(study()) == 0) return;
    const auto source = data::open_source(source_config(settings_.config));
    const Rendezvous::Breakable breakable(rendezvous_, settings_.run, {}, [&] { source->cancel(); });
    std::vector<mpc::u128> values = study::site_agreement(*source, study(), settings_.config.harmonise);
    deal_out(study().protocol, values, channels);
  }

  void ask_before_sharing(std::optional<std::size_t> rows) const {
    if (settings_.before_sharing && !settings_.only_agreement) settings_.before_sharing(rows);
  }

  // Before anything is shared: from then on nobody can be sure that nothing is opened.
  void pay_for_noise() {
    if (!study().privacy) return;
    settings_.ledger.spend(
        {.run = settings_.run, .study = study().hash, .table = study().data.table, .loss = study().privacy->loss()},
        settings_.config.privacy);
  }

  // As a site: records in the clear go no further than this function.
  void deal() {
    progress_.phase = "reading records";
    pass_quality_gate(settings_.config, settings_.consortium, study(), [this](data::Source& source) {
      return std::make_shared<Rendezvous::Breakable>(rendezvous_, settings_.run, std::vector<int>{},
                                                     [&source] { source.cancel(); });
    });
    std::vector<std::unique_ptr<net::Channel>> connected;
    std::vector<net::Channel*> channels;
    std::vector<int> sockets;
    const auto connect_to_parties = [&] {
      for (const std::string& party : parties_) {
        if (party == name()) {
          channels.push_back(to_self_.get());
          continue;
        }
        auto stream = connect(party, Purpose::kShares);
        sockets.push_back(stream->socket().descriptor());
        connected.push_back(site_channel(std::move(stream)));
        channels.push_back(connected.back().get());
      }
    };
    // Who must agree first is met first; others have no reason to keep connections open while they read.
    const bool agree_first = study::agreement_size(study()) > 0;
    if (agree_first) {
      ask_before_sharing(std::nullopt);
      connect_to_parties();
      const Rendezvous::Breakable breakable(rendezvous_, settings_.run, sockets);
      deal_agreement(channels);
    }
    if (!settings_.only_agreement) {
      data::Table table = read_table();
      table.site = static_cast<std::size_t>(std::find(study().sites.begin(), study().sites.end(), name()) -
                                            study().sites.begin());
      table.sites = study().sites.size();
      progress_.phase = "sharing";
      ask_before_sharing(table.rows);
      if (!agree_first) connect_to_parties();
      const Rendezvous::Breakable breakable(rendezvous_, settings_.run, sockets);
      pass_earlier_releases(settings_.plan, settings_.run, table, settings_.releases, channels);
      SiteSide site(settings_.plan, table, channels);
      pay_for_noise();
      site.deal();
      site.answer();
    }
    for (const auto& channel : connected) channel->close();
  }

  // As a compute party.
  json compute() {
    const auto self = static_cast<std::size_t>(std::find(parties_.begin(), parties_.end(), name()) - parties_.begin());
    std::vector<std::unique_ptr<net::TlsStream>> streams;
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      if (i == self) continue;
      streams.push_back(self < i ? connect(parties_[i], Purpose::kParty)
                                 : rendezvous_.take(settings_.run, Purpose::kParty, parties_[i], connect_patience));
    }
    std::vector<int> sockets;
    for (const auto& stream : streams) sockets.push_back(stream->socket().descriptor());
    const Rendezvous::Breakable breakable(rendezvous_, settings_.run, sockets);
    std::vector<std::unique_ptr<net::Channel>> channels = net::make_tls_channels(std::move(streams));
    channels.insert(channels.begin() + static_cast<std::ptrdiff_t>(self), nullptr);
    mpc::Session session({.self = static_cast<mpc::PartyId>(self),
                          .parties = static_cast<int>(parties_.size()),
                          .protocol = study().protocol,
                          .run = settings_.run,
                          .plan = study().hash},
                         std::move(channels));
    const auto engine = mpc::make_engine(study().protocol, session);
    if (study::agreement_size(study()) > 0) {
      const json items = open_agreement(*engine);
      if (settings_.only_agreement) {
        session.finish();
        return {{"agreement", items}};
      }
      refuse_together(session, [&] { study::require_agreement(items); });
    }
    std::vector<net::Channel*> site_channels;
    for (const std::string& site : study().sites) site_channels.push_back(&meet(site));
    refuse_together(session, [&] { require_no_small_difference(settings_.plan, *engine, site_channels); });
    PartySide sites(settings_.plan, *engine, [this](const std::string& site) -> net::Channel& { return meet(site); });

    progress_.phase = "computing";
    progress_.total = study().analyses.size();
    const auto start = std::chrono::steady_clock::now();
    const auto released =
        settings_.plan.secure(*engine, sites.inputs(), [this](std::size_t done) { progress_.done = done; });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    sites.finish();
    const mpc::Cost cost = engine->cost();
    session.finish();
    progress_.phase = "done";
    return {
        {"released",
         {{"analyses", settings_.plan.present(released.outcomes)}, {"withheld", settings_.plan.withheld(released)}}},
        {"cost", {{"rounds", cost.rounds}, {"bytes_sent", cost.bytes_sent}, {"seconds", seconds.count()}}}};
  }

  // What all parties refuse alike they refuse once each of them knows: else the first to go would cut the others off.
  static void refuse_together(mpc::Session& session, const std::function<void()>& check) {
    const auto checked = attempt([&] { return check(), true; });
    if (checked.ok()) return;
    const std::string& code = checked.error().code;
    if (code == "harmonise.sites_disagree" || code == "release.small_difference") session.finish();
    throw Failure(checked.error());
  }

  json open_agreement(mpc::Engine& engine) {
    const std::size_t items = study::agreement_size(study());
    std::vector<mpc::Shared<mpc::u128>> sites;
    for (const std::string& site : study().sites) sites.push_back(adopt_dealt(engine, meet(site), items));
    return study::open_site_agreement(engine, study(), sites, settings_.consortium.name_sites);
  }

  // The channel to a site, once it has connected; the same every time.
  net::Channel& meet(const std::string& site) {
    if (site == name()) return *from_self_;
    if (const auto known = met_.find(site); known != met_.end()) return *known->second;
    auto stream = rendezvous_.take(settings_.run, Purpose::kShares, site, reading_patience);
    site_breakables_.push_back(std::make_unique<Rendezvous::Breakable>(
        rendezvous_, settings_.run, std::vector<int>{stream->socket().descriptor()}));
    site_channels_.push_back(site_channel(std::move(stream)));
    met_[site] = site_channels_.back().get();
    return *site_channels_.back();
  }

  const RunSettings& settings_;
  Rendezvous& rendezvous_;
  Progress& progress_;
  const std::vector<std::string> parties_;
  std::unique_ptr<net::Channel> to_self_, from_self_;  // between the two halves of a site that computes too
  std::vector<std::unique_ptr<net::Channel>> site_channels_;
  std::map<std::string, net::Channel*> met_;
  std::vector<std::unique_ptr<Rendezvous::Breakable>> site_breakables_;
};

}  // namespace

json take_part(const RunSettings& settings, Rendezvous& rendezvous, Progress& progress) {
  const MemoryRelease release;  // of what sites and parties alike leave behind
  return Part(settings, rendezvous, progress).run();
}

}  // namespace cohortium::node
