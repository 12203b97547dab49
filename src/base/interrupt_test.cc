#include "base/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

namespace assay {
namespace {

TEST(CatchInterrupts, TurnsTheFirstSignalIntoAFlag) {
  const std::atomic<bool>& interrupted = CatchInterrupts();
  EXPECT_FALSE(interrupted.load());
  std::raise(SIGINT);
  EXPECT_TRUE(interrupted.load());
}

TEST(CatchInterruptsDeathTest, LetsTheSecondSignalEndTheProcess) {
  EXPECT_EXIT(
      {
        CatchInterrupts();
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace assay
