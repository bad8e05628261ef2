// How the numbers of a proof travel: as they lie in memory, residues packed (ResidueField::pack). So every bit of a share is
// uniform, or nearly, to whoever receives it.
#pragma once

#include <cstring>
#include <span>

#include "base/buffer.h"

namespace cohortium::mpc {

template <class Number>
concept PackedNumber = requires {
  Number::packed_bytes(std::size_t{});
};

template <class Number>
constexpr std::size_t wire_bytes(std::size_t count) {
  if constexpr (PackedNumber<Number>) return Number::packed_bytes(count);
  return count * sizeof(Number);
}

template <class Number>
Bytes wire_form(std::span<const Number> numbers) {
  Bytes form(wire_bytes<Number>(numbers.size()));
  if (form.empty()) return form;
  if constexpr (PackedNumber<Number>)
    Number::pack(numbers, form.data());
  else
    std::memcpy(form.data(), numbers.data(), form.size());
  return form;
}

template <class Number>
void read_wire_form(const Bytes& form, std::span<Number> numbers) {
  if (form.empty()) return;
  if constexpr (PackedNumber<Number>)
    Number::unpack(form.data(), numbers);
  else
    std::memcpy(numbers.data(), form.data(), form.size());
}

}  // namespace cohortium::mpc
