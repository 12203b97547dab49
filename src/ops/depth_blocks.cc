#include "ops/depth_blocks.h"

#include <fmt/format.h>

namespace assay {

Result<DepthOrder> ReadDepthOrder(const OpContext& context) {
  if (!context.HasAttribute("mode")) return DepthOrder::kDepthColumnRow;
  const std::string mode = context.String("mode");
  if (mode == "DCR") return DepthOrder::kDepthColumnRow;
  if (mode == "CRD") return DepthOrder::kColumnRowDepth;
  return OpContext::Invalid(
      fmt::format("attribute \"mode\": expected DCR or CRD, got \"{}\"", mode));
}

Result<int64_t> ReadBlockSize(const OpContext& context) {
  const int64_t block = context.Int("blocksize");
  if (block >= 1 && block <= (int64_t{1} << 15)) return block;
  return OpContext::Invalid(
      fmt::format("attribute \"blocksize\": expected 1 to {}, got {}", int64_t{1} << 15, block));
}

Status CheckImageRank(int rank) {
  if (rank == 4) return OkStatus();
  return OpContext::Invalid(
      fmt::format("input: expected rank 4 (batch, channels, height, width), got rank {}", rank));
}

}  // namespace assay
