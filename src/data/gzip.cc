#include "data/gzip.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace cohortium::data {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw Failure({.code = "data.unreadable_file",
                 .message = std::string("the compressed file is damaged: ") + what,
                 .remedy = "compress the table again with gzip"});
}

// Bits in the order of RFC 1951: from the low end of each byte. Past the end it delivers zeros and counts them, so that
// the hot loop needs no test per bit; overrun() tells afterwards.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint32_t peek(unsigned count) {
    while (held_ < count) {
      const std::uint64_t next = position_ < bytes_.size() ? static_cast<std::uint8_t>(bytes_[position_]) : 0;
      ++position_;
      bits_ |= next << held_;
      held_ += 8;
    }
    return static_cast<std::uint32_t>(bits_ & ((std::uint64_t{1} << count) - 1));
  }
  void drop(unsigned count) {
    bits_ >>= count;
    held_ -= count;
  }
  std::uint32_t take(unsigned count) {
    const std::uint32_t value = peek(count);
    drop(count);
    return value;
  }
  void align_to_byte() { drop(held_ % 8); }
  // Bytes consumed so far, whole bytes still held given back.
  std::size_t consumed() const { return position_ - held_ / 8; }
  bool overrun() const { return consumed() > bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
  std::uint64_t bits_ = 0;
  unsigned held_ = 0;
};

constexpr unsigned kLongestCode = 15;

// A canonical Huffman code as one table over the next 15 bits: symbol << 4 | length, 0 for no such code.
class HuffmanTable {
 public:
  explicit HuffmanTable(std::span<const std::uint8_t> lengths) : table_(std::size_t{1} << kLongestCode, 0) {
    std::array<unsigned, kLongestCode + 1> count{}, next{};
    for (const std::uint8_t length : lengths) ++count[length];
    count[0] = 0;
    unsigned code = 0;
    for (unsigned length = 1; length <= kLongestCode; ++length) {
      code = (code + count[length - 1]) << 1;
      next[length] = code;
      if (code + count[length] > (1u << length)) refuse("a code has too many symbols");
    }
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
      if (lengths[symbol] != 0) place(symbol, next[lengths[symbol]]++, lengths[symbol]);
  }

  unsigned read(BitReader& in) const {
    const std::uint16_t entry = table_[in.peek(kLongestCode)];
    if (entry == 0) refuse("a bit pattern stands for no symbol");
    in.drop(entry & 15u);
    return entry >> 4;
  }

 private:
  // Codes arrive high bit first while the reader takes low bits first: reverse, then fill every longer pattern.
  void place(std::size_t symbol, unsigned code, unsigned length) {
    unsigned reversed = 0;
    for (unsigned i = 0; i < length; ++i) reversed |= ((code >> i) & 1u) << (length - 1 - i);
    for (std::size_t i = reversed; i < table_.size(); i += std::size_t{1} << length)
      table_[i] = static_cast<std::uint16_t>(symbol << 4 | length);
  }

  std::vector<std::uint16_t> table_;
};

struct Codes {
  HuffmanTable literals, distances;
};

Codes fixed_codes() {
  std::array<std::uint8_t, 288> literals{};
  for (std::size_t i = 0; i < literals.size(); ++i)
    literals[i] = static_cast<std::uint8_t>(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
  std::array<std::uint8_t, 30> distances{};
  distances.fill(5);
  return {HuffmanTable(literals), HuffmanTable(distances)};
}

// RFC 1951, 3.2.7: the two codes' lengths, themselves Huffman and run-length coded.
Codes dynamic_codes(BitReader& in) {
  const unsigned literals = in.take(5) + 257, distances = in.take(5) + 1, given = in.take(4) + 4;
  if (literals > 286 || distances > 30) refuse("a code has too many symbols");
  constexpr std::uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  std::array<std::uint8_t, 19> code_lengths{};
  for (unsigned i = 0; i < given; ++i) code_lengths[order[i]] = static_cast<std::uint8_t>(in.take(3));
  const HuffmanTable code(code_lengths);

  std::vector<std::uint8_t> lengths;
  while (lengths.size() < literals + distances) {
    const unsigned symbol = code.read(in);
    if (symbol < 16) {
      lengths.push_back(static_cast<std::uint8_t>(symbol));
      continue;
    }
    if (symbol == 16 && lengths.empty()) refuse("a repetition has nothing to repeat");
    const std::uint8_t repeated = symbol == 16 ? lengths.back() : std::uint8_t{0};
    const unsigned times = symbol == 16 ? 3 + in.take(2) : symbol == 17 ? 3 + in.take(3) : 11 + in.take(7);
    lengths.insert(lengths.end(), times, repeated);
  }
  if (lengths.size() > literals + distances) refuse("a repetition runs past the code");
  const std::span<const std::uint8_t> all(lengths);
  return {HuffmanTable(all.first(literals)), HuffmanTable(all.subspan(literals))};
}

// The member's own output starts at `start`: a distance may not reach further back.
void copy_match(std::string& out, std::size_t start, std::size_t length, std::size_t distance) {
  if (distance > out.size() - start) refuse("a repetition reaches back before the beginning");
  for (std::size_t from = out.size() - distance; length > 0; --length) out.push_back(out[from++]);
}

void inflate_block(BitReader& in, const Codes& codes, std::string& out, std::size_t start, std::size_t limit) {
  constexpr std::uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                             31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  constexpr std::uint8_t length_bits[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                            2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  while (true) {
    const unsigned symbol = codes.literals.read(in);
    if (symbol == 256) return;
    if (out.size() >= limit) refuse("it is larger than this node reads");
    if (symbol < 256) {
      out.push_back(static_cast<char>(symbol));
    } else {
      if (symbol > 285) refuse("a length is out of range");
      const std::size_t length = length_base[symbol - 257] + in.take(length_bits[symbol - 257]);
      const unsigned code = codes.distances.read(in);
      // Distances: 1 to 4 directly, then two codes for each further power of two.
      const unsigned extra = code < 4 ? 0 : code / 2 - 1;
      const std::size_t base = code < 4 ? code + 1 : ((2 + (code & 1u)) << extra) + 1;
      copy_match(out, start, length, base + in.take(extra));
    }
    if (in.overrun()) refuse("it ends too early");
  }
}

void inflate_stored(BitReader& in, std::string& out, std::size_t limit) {
  in.align_to_byte();
  const std::uint32_t length = in.take(16);
  if ((in.take(16) ^ length) != 0xffff) refuse("a stored block's lengths disagree");
  if (out.size() + length > limit) refuse("it is larger than this node reads");
  for (std::uint32_t i = 0; i < length && !in.overrun(); ++i) out.push_back(static_cast<char>(in.take(8)));
}

void inflate(BitReader& in, std::string& out, std::size_t limit) {
  const std::size_t start = out.size();
  for (bool last = false; !last;) {
    last = in.take(1) == 1;
    switch (in.take(2)) {
      case 0:
        inflate_stored(in, out, limit);
        break;
      case 1:
        inflate_block(in, fixed_codes(), out, start, limit);
        break;
      case 2:
        inflate_block(in, dynamic_codes(in), out, start, limit);
        break;
      default:
        refuse("a block has an unknown type");
    }
    if (in.overrun()) refuse("it ends too early");
  }
  in.align_to_byte();
}

std::uint32_t checksum(std::string_view bytes) {
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> entries{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1u) != 0 ? 0xedb88320u : 0);
      entries[i] = value;
    }
    return entries;
  }();
  std::uint32_t value = ~0u;
  for (const char c : bytes) value = table[(value ^ static_cast<std::uint8_t>(c)) & 0xffu] ^ (value >> 8);
  return ~value;
}

// RFC 1952, 2.3: magic, method, flags, time, operating system, then optional fields.
void skip_header(BitReader& in) {
  if (in.take(16) != 0x8b1f) refuse("it does not begin like a gzip file");
  if (in.take(8) != 8) refuse("its compression method is unknown");
  const std::uint32_t flags = in.take(8);
  for (int i = 0; i < 6; ++i) in.take(8);
  if ((flags & 4u) != 0)
    for (std::uint32_t left = in.take(16); left > 0; --left) in.take(8);
  for (const std::uint32_t text : {8u, 16u})  // file name, comment
    if ((flags & text) != 0)
      while (in.take(8) != 0) {
      }
  if ((flags & 2u) != 0) in.take(16);
  if (in.overrun()) refuse("it ends too early");
}

}  // namespace

std::string gunzip(std::string_view compressed, std::size_t limit) {
  std::string out;
  // Text shrinks about fivefold; a wrong guess costs one copy.
  out.reserve(std::min(limit, compressed.size() * 6));
  do {
    const std::size_t start = out.size();
    BitReader in(compressed);
    skip_header(in);
    inflate(in, out, limit);
    const std::string_view member = std::string_view(out).substr(start);
    const std::uint32_t expected = in.take(16) | in.take(16) << 16;
    const std::uint32_t length = in.take(16) | in.take(16) << 16;
    if (in.overrun()) refuse("it ends too early");
    if (expected != checksum(member) || length != static_cast<std::uint32_t>(member.size()))
      refuse("its checksum does not agree");
    compressed.remove_prefix(in.consumed());
  } while (!compressed.empty());
  return out;
}

}  // namespace cohortium::data
