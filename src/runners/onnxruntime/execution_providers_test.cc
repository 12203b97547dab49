#include "runners/onnxruntime/execution_providers.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

const std::vector<std::string> kAvailable = {"TensorrtExecutionProvider", "CUDAExecutionProvider",
                                             "CPUExecutionProvider"};

TEST(MatchProviders, PrefersAnExactMatchOverASubstring) {
  const std::vector<std::string> available = {"MyCPU", "CPU"};
  const std::vector<std::string> wanted = {"CPU"};
  EXPECT_EQ(*MatchProviders(wanted, available), wanted);
}

TEST(MatchProviders, MatchesSubstringsIgnoringCaseInTheOrderAskedFor) {
  const std::vector<std::string> wanted = {"cpu", "Cuda"};
  EXPECT_EQ(*MatchProviders(wanted, kAvailable),
            (std::vector<std::string>{"CPUExecutionProvider", "CUDAExecutionProvider"}));
}

TEST(MatchProviders, NamesAProviderOnceEvenIfAskedForTwice) {
  const std::vector<std::string> wanted = {"cuda", "CUDAExecutionProvider"};
  EXPECT_EQ(*MatchProviders(wanted, kAvailable),
            (std::vector<std::string>{"CUDAExecutionProvider"}));
}

TEST(MatchProviders, ReportsTheAvailableOnesIfOneIsAbsent) {
  const std::vector<std::string> wanted = {"cpu", "rocm"};
  const Status status = MatchProviders(wanted, kAvailable).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(status.message(),
            "ONNX Runtime has no execution provider \"rocm\": available are "
            "TensorrtExecutionProvider, CUDAExecutionProvider, CPUExecutionProvider");
}

TEST(MatchProviders, RefusesAnEmptyName) {
  const std::vector<std::string> wanted = {""};
  EXPECT_EQ(MatchProviders(wanted, kAvailable).status().code(), StatusCode::kUnavailable);
}

NodePlacement PlacementOf(const std::vector<std::string>& lines) {
  NodePlacement placement;
  for (const std::string& line : lines) placement.ReadLine(line);
  return placement;
}

TEST(NodePlacement, ReadsOneProviderForAllNodes) {
  const NodePlacement placement = PlacementOf(
      {"Node placements", " All nodes placed on [CPUExecutionProvider]. Number of nodes: 17"});
  EXPECT_EQ(placement.NodesOf("CPUExecutionProvider"), 17);
  EXPECT_EQ(placement.ToString(), "CPUExecutionProvider 17 nodes");
}

TEST(NodePlacement, ReadsSeveralProvidersAndIgnoresOtherLines) {
  const NodePlacement placement = PlacementOf(
      {"Node placements", " Node(s) placed on [CUDAExecutionProvider]. Number of nodes: 290",
       "  Conv (conv_1)", " Node(s) placed on [CPUExecutionProvider]. Number of nodes: 1",
       "  Gather (gather_7)"});
  EXPECT_EQ(placement.nodes().size(), 2u);
  EXPECT_EQ(placement.ToString(), "CUDAExecutionProvider 290 nodes, CPUExecutionProvider 1 node");
}

TEST(VerifyPlacement, IsAnErrorIfNothingRunsWhereItWasAskedFor) {
  const std::vector<std::string> wanted = {"CUDAExecutionProvider"};
  std::vector<std::string> warnings;
  const Status status = VerifyPlacement(
      wanted, PlacementOf({" All nodes placed on [CPUExecutionProvider]. Number of nodes: 17"}),
      &warnings);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(status.message(),
            "ONNX Runtime runs no node on the execution providers asked for: expected "
            "CUDAExecutionProvider, got CPUExecutionProvider 17 nodes");
}

TEST(VerifyPlacement, WarnsOfNodesThatRunElsewhere) {
  const std::vector<std::string> wanted = {"CUDAExecutionProvider"};
  std::vector<std::string> warnings;
  ASSERT_TRUE(VerifyPlacement(
                  wanted,
                  PlacementOf({" Node(s) placed on [CUDAExecutionProvider]. Number of nodes: 290",
                               " Node(s) placed on [CPUExecutionProvider]. Number of nodes: 12"}),
                  &warnings)
                  .ok());
  EXPECT_EQ(warnings,
            (std::vector<std::string>{"ONNX Runtime runs 12 nodes on CPUExecutionProvider, which "
                                      "was not asked for (asked for: CUDAExecutionProvider)"}));
}

TEST(VerifyPlacement, WarnsOfAProviderThatWasAskedForAndRunsNothing) {
  const std::vector<std::string> wanted = {"CUDAExecutionProvider", "CPUExecutionProvider"};
  std::vector<std::string> warnings;
  ASSERT_TRUE(VerifyPlacement(
                  wanted,
                  PlacementOf({" All nodes placed on [CPUExecutionProvider]. Number of nodes: 17"}),
                  &warnings)
                  .ok());
  EXPECT_EQ(warnings,
            (std::vector<std::string>{
                "ONNX Runtime runs no node on CUDAExecutionProvider, which was asked for"}));
}

TEST(VerifyPlacement, AcceptsAModelWithoutNodes) {
  const std::vector<std::string> wanted = {"CUDAExecutionProvider"};
  std::vector<std::string> warnings;
  EXPECT_TRUE(VerifyPlacement(wanted, PlacementOf({"Node placements"}), &warnings).ok());
  EXPECT_TRUE(warnings.empty());
}

TEST(VerifyPlacement, IsAnErrorIfTheLibraryDoesNotTell) {
  const std::vector<std::string> wanted = {"CUDAExecutionProvider"};
  std::vector<std::string> warnings;
  EXPECT_EQ(VerifyPlacement(wanted, PlacementOf({}), &warnings).code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace assay
