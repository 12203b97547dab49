#include "base/child_process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace assay {
namespace {

bool Never() { return false; }

TEST(ChildProcess, LeavesBehindWhatIsShared) {
  int own = 0;
  int* shared = static_cast<int*>(SharedBytes(sizeof(int)));
  ASSERT_NE(shared, nullptr);
  const ChildEnd end = RunInChild([&] { own = *shared = 7; }, Never);
  EXPECT_EQ(end.kind, ChildEnd::Kind::kDone);
  EXPECT_EQ(own, 0);
  EXPECT_EQ(*shared, 7);
}

TEST(ChildProcess, SaysHowAChildFailed) {
  const ChildEnd aborted = RunInChild([] { std::abort(); }, Never);
  EXPECT_EQ(aborted.kind, ChildEnd::Kind::kFailed);
  EXPECT_EQ(aborted.reason, "signal 6");
  const ChildEnd left = RunInChild([] { std::_Exit(3); }, Never);
  EXPECT_EQ(left.reason, "exit status 3");
}

TEST(ChildProcess, EndsWhatIsLate) {
  const ChildEnd end = RunInChild(
      [] {
        for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
      },
      [] { return true; });
  EXPECT_EQ(end.kind, ChildEnd::Kind::kLate);
}

}  // namespace
}  // namespace assay
