#include "tensor/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace assay {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two characters for every 12 bits.
constexpr auto kPairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kAlphabet[i >> 6], kAlphabet[i & 63]};
  return pairs;
}();

// One table for each place of a character in its group of four: the six bits where they end up in
// the three bytes, read as a little-endian word, or kInvalid.
constexpr uint32_t kInvalid = 0x80000000;
constexpr auto kPlaces = [] {
  std::array<std::array<uint32_t, 256>, 4> places{};
  for (auto& place : places) place.fill(kInvalid);
  for (uint32_t value = 0; value < 64; ++value) {
    const auto c = static_cast<uint8_t>(kAlphabet[value]);
    places[0][c] = value << 2;
    places[1][c] = value >> 4 | (value & 0xF) << 12;
    places[2][c] = (value >> 2) << 8 | (value & 3) << 22;
    places[3][c] = value << 16;
  }
  return places;
}();

uint32_t DecodeGroup(const uint8_t* text) {
  return kPlaces[0][text[0]] | kPlaces[1][text[1]] | kPlaces[2][text[2]] | kPlaces[3][text[3]];
}

void EncodeGroup(const std::byte* data, char* out) {
  const uint32_t bits = static_cast<uint32_t>(data[0]) << 16 | static_cast<uint32_t>(data[1]) << 8 |
                        static_cast<uint32_t>(data[2]);
  std::memcpy(out, kPairs[bits >> 12].data(), 2);
  std::memcpy(out + 2, kPairs[bits & 0xFFF].data(), 2);
}

size_t PaddingOf(std::string_view text) {
  if (text.ends_with("==")) return 2;
  return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::optional<size_t> Base64DecodedSize(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  return text.size() / 4 * 3 - PaddingOf(text);
}

std::optional<size_t> Base64Decode(std::string_view text, std::span<std::byte> out) {
  if (text.empty()) return std::nullopt;
  const auto* in = reinterpret_cast<const uint8_t*>(text.data());
  std::byte* to = out.data();
  const auto first_invalid = [&](size_t begin, size_t end) {
    while (begin < end && (kPlaces[0][in[begin]] & kInvalid) == 0) ++begin;
    return begin;
  };

  // A group stores four bytes, of which the next group overwrites the last; so the final group,
  // which may also be padded, is decoded apart.
  constexpr size_t kBlockGroups = 1024;
  const size_t body = text.size() / 4 - 1;
  for (size_t block = 0; block < body; block += kBlockGroups) {
    const size_t end = std::min(body, block + kBlockGroups);
    uint32_t seen = 0;
    for (size_t group = block; group < end; ++group) {
      const uint32_t word = DecodeGroup(in + group * 4);
      seen |= word;
      std::memcpy(to + group * 3, &word, 4);
    }
    if ((seen & kInvalid) != 0) return first_invalid(block * 4, end * 4);
  }

  const size_t padding = PaddingOf(text);
  const size_t characters = text.size() - padding;
  if (const size_t bad = first_invalid(body * 4, characters); bad < characters) return bad;
  uint8_t last[4] = {'A', 'A', 'A', 'A'};
  std::memcpy(last, in + body * 4, 4 - padding);
  const uint32_t word = DecodeGroup(last);
  std::memcpy(to + body * 3, &word, 3 - padding);
  return std::nullopt;
}

Status Base64Writer::Write(std::span<const std::byte> data) {
  while (pending_bytes_ > 0 && pending_bytes_ < 3 && !data.empty()) {
    pending_[pending_bytes_++] = data.front();
    data = data.subspan(1);
  }
  if (pending_bytes_ == 3) {
    char text[4];
    EncodeGroup(pending_, text);
    pending_bytes_ = 0;
    ASSAY_RETURN_IF_ERROR(file_.Write(std::string_view(text, 4)));
  }
  constexpr size_t kBlockGroups = 4096;
  std::array<char, kBlockGroups * 4> text{};
  while (data.size() >= 3) {
    const size_t groups = std::min(kBlockGroups, data.size() / 3);
    for (size_t group = 0; group < groups; ++group) {
      EncodeGroup(data.data() + group * 3, text.data() + group * 4);
    }
    ASSAY_RETURN_IF_ERROR(file_.Write(std::string_view(text.data(), groups * 4)));
    data = data.subspan(groups * 3);
  }
  for (const std::byte byte : data) pending_[pending_bytes_++] = byte;
  return OkStatus();
}

Status Base64Writer::Finish() {
  if (pending_bytes_ == 0) return OkStatus();
  for (size_t i = pending_bytes_; i < 3; ++i) pending_[i] = std::byte{0};
  char text[4];
  EncodeGroup(pending_, text);
  for (size_t i = pending_bytes_ + 1; i < 4; ++i) text[i] = '=';
  pending_bytes_ = 0;
  return file_.Write(std::string_view(text, 4));
}

}  // namespace assay
