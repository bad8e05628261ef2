#include "judge.h"

#include <algorithm>

namespace cohortium::adversary {
namespace {

using Values = std::vector<u128>;

u128 modulo(u128 value, int bits) { return bits == 128 ? value : value & ((u128{1} << bits) - 1); }

// Elements of a vector from the shares of all who noted it; nothing if a component is missing.
struct Joined {
  bool agree = true;
  std::optional<Values> values;
};

class Call {
 public:
  Call(const std::map<PartyId, const Note*>& notes, ComponentAt component_at)
      : notes_(notes), component_at_(component_at) {}

  const Note& any() const { return *notes_.begin()->second; }

  Joined joined(std::vector<NotedVector> Note::*vectors, std::size_t index) const {
    std::map<PartyId, const Values*> components;
    int places = 0;
    bool agree = true;
    for (const auto& [party, note] : notes_) {
      const NotedVector& vector = (note->*vectors)[index];
      places = static_cast<int>(vector.component.size());
      for (int place = 0; place < places; ++place) {
        const auto [held, is_new] = components.emplace(component_at_(party, place), &vector.component[place]);
        if (!is_new && *held->second != vector.component[place]) agree = false;
      }
    }
    if (static_cast<int>(components.size()) != places + 1) return {agree, std::nullopt};
    const NotedVector& shape = (any().*vectors)[index];
    Values sum(shape.component[0].size());
    for (const auto& [number, component] : components) {
      for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i] = modulo(shape.ring_bits == 1 ? sum[i] ^ (*component)[i] : sum[i] + (*component)[i], shape.ring_bits);
      }
    }
    return {agree, sum};
  }

  std::optional<std::string> judge() const {
    std::vector<Values> given, made;
    bool complete = true;
    for (const auto& [vectors, into] : {std::pair{&Note::given, &given}, std::pair{&Note::made, &made}}) {
      for (std::size_t i = 0; i < (any().*vectors).size(); ++i) {
        const Joined joint = joined(vectors, i);
        if (!joint.agree) return "shares of " + any().kernel + " disagree";
        complete = complete && joint.values;
        into->push_back(joint.values.value_or(Values()));
      }
    }
    if (!complete) return std::nullopt;
    for (const auto& [party, note] : notes_) {
      const bool shares = note->kernel == "share";
      if (note->clear && *note->clear != (shares ? made[0] : given[0])) return "a wrong value came of " + note->kernel;
    }
    if (!is_right(given, made)) return "wrong result of " + any().kernel;
    return std::nullopt;
  }

 private:
  int bits_made() const { return any().made[0].ring_bits; }

  bool is_right(const std::vector<Values>& given, const std::vector<Values>& made) const {
    const std::string& kernel = any().kernel;
    const auto& p = any().parameters;
    if (kernel == "dot") return made[0] == sums(given, p[0]);
    if (kernel == "matrix_product") return made[0] == matrix(given, p);
    if (kernel == "truncate") return is_quotient(made[0], given[0], p[0]);
    if (kernel == "dot_truncate") return is_quotient(made[0], sums(given, p[0]), p[1]);
    if (kernel == "matrix_product_truncate") return is_quotient(made[0], matrix(given, p), p[3]);
    if (kernel == "from_bits") return made[0] == joined_bits(given);
    if (kernel == "permute") return rows(given, p[0]) == rows(made, p[0]);
    if (kernel == "to_bits") {
      for (std::size_t j = 0; j < made.size(); ++j) {
        if (made[j] != bits(given[0], j)) return false;
      }
    }
    if (kernel == "bit") return made[0] == bits(given[0], p[0]);
    if (kernel == "is_zero") {
      Values zero;
      for (const u128 x : given[0]) zero.push_back(modulo(x, static_cast<int>(p[0])) == 0 ? 1 : 0);
      return made[0] == zero;
    }
    return true;  // share, open, adopt: nothing more to say
  }

  Values sums(const std::vector<Values>& given, std::size_t length) const {
    Values result(given[0].size() / length);
    for (std::size_t i = 0; i < given[0].size(); ++i) {
      u128& sum = result[i / length];
      sum = modulo(sum + given[0][i] * given[1][i], bits_made());
    }
    return result;
  }

  Values matrix(const std::vector<Values>& given, const std::vector<std::size_t>& p) const {
    const std::size_t rows = p[0], inner = p[1], columns = p[2];
    Values result(rows * columns);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        for (std::size_t k = 0; k < inner; ++k) {
          u128& sum = result[i * columns + j];
          sum = modulo(sum + given[0][i * inner + k] * given[1][k * columns + j], bits_made());
        }
      }
    }
    return result;
  }

  // Within one unit in the last place: |made 2^f - exact| <= 2^f.
  bool is_quotient(const Values& made, const Values& exact, std::size_t f) const {
    for (std::size_t i = 0; i < made.size(); ++i) {
      const u128 unit = u128{1} << f, above = modulo((made[i] << f) - exact[i] + unit, bits_made());
      if (above > 2 * unit) return false;
    }
    return true;
  }

  static Values bits(const Values& values, std::size_t position) {
    Values result;
    for (const u128 x : values) result.push_back(x >> position & 1);
    return result;
  }

  Values joined_bits(const std::vector<Values>& planes) const {
    Values result(planes[0].size());
    for (std::size_t j = 0; j < planes.size(); ++j) {
      for (std::size_t i = 0; i < result.size(); ++i) result[i] |= planes[j][i] << j;
    }
    return result;
  }

  // The rows of columns of `size` elements, in an order of their own.
  static std::vector<Values> rows(const std::vector<Values>& vectors, std::size_t size) {
    std::vector<Values> result(size);
    for (const Values& vector : vectors) {
      for (std::size_t i = 0; i < vector.size(); ++i) result[i % size].push_back(vector[i]);
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  std::map<PartyId, const Note*> notes_;
  ComponentAt component_at_;
};

}  // namespace

std::optional<Fault> judge(const std::map<PartyId, Notes>& notes, ComponentAt component_at) {
  for (std::size_t call = 0;; ++call) {
    std::map<PartyId, const Note*> there;
    for (const auto& [party, of_party] : notes) {
      if (call < of_party.calls.size()) there[party] = &of_party.calls[call];
    }
    if (there.empty()) return std::nullopt;
    if (auto wrong = Call(there, component_at).judge()) return Fault{call, *wrong};
  }
}

bool opened_since(const std::map<PartyId, Notes>& notes, std::size_t call) {
  for (const auto& [party, of_party] : notes) {
    for (std::size_t i = call; i < of_party.calls.size(); ++i) {
      if (of_party.calls[i].kernel == "open" && of_party.calls[i].clear) return true;
    }
  }
  return false;
}

}  // namespace cohortium::adversary
