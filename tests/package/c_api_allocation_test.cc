// A run with the shapes of the one before allocates nothing, and want of memory is an error like
// another. Every allocation of the program, that of the library included, goes through the
// functions below, which glibc lets a program define.

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "assay/assay.h"

namespace {

std::atomic<int64_t> g_allocations{0};      // NOLINT: counts for the whole program
std::atomic<int64_t> g_allowed{INT64_MAX};  // NOLINT: those beyond fail

bool MayAllocate() { return g_allocations++ < g_allowed; }

}  // namespace

extern "C" {
void* __libc_malloc(size_t bytes);                      // NOLINT: glibc's name
void* __libc_calloc(size_t count, size_t bytes);        // NOLINT: glibc's name
void* __libc_realloc(void* memory, size_t bytes);       // NOLINT: glibc's name
void* __libc_memalign(size_t alignment, size_t bytes);  // NOLINT: glibc's name

void* malloc(size_t bytes) { return MayAllocate() ? __libc_malloc(bytes) : nullptr; }
void* calloc(size_t count, size_t bytes) {
  return MayAllocate() ? __libc_calloc(count, bytes) : nullptr;
}
void* realloc(void* memory, size_t bytes) {
  return MayAllocate() ? __libc_realloc(memory, bytes) : nullptr;
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  return MayAllocate() ? __libc_memalign(alignment, bytes) : nullptr;
}
}

namespace {

// Allocations of a run after `warm_ups` others.
int64_t AllocationsOfRun(assay::Context& context, int warm_ups) {
  for (int i = 0; i < warm_ups; ++i) {
    const assay::Status status = context.Run();
    EXPECT_TRUE(status.ok()) << status.message();
  }
  const int64_t before = g_allocations;
  const assay::Status status = context.Run();
  const int64_t after = g_allocations;
  EXPECT_TRUE(status.ok()) << status.message();
  return after - before;
}

assay::Engine LoadEngine(const std::string& name, int threads) {
  assay::Options options;
  EXPECT_TRUE(options.SetThreads(threads).ok());
  return std::move(
      *assay::Engine::Load(std::string(ASSAY_SOURCE_DIR) + "/tests/data/cli/" + name, options));
}

TEST(ApiAllocations, AreCounted) {
  const int64_t before = g_allocations;
  const assay::Engine engine = LoadEngine("classifier.onnx", 1);
  EXPECT_GT(g_allocations - before, 100);
}

TEST(ApiAllocations, ARunWithKnownShapesMakesNone) {
  for (const int threads : {1, 3}) {
    assay::Engine engine = LoadEngine("classifier.onnx", threads);
    assay::Context context = std::move(*engine.CreateContext());
    const std::vector<float> image(2 * 3 * 40 * 36, 0.5F);
    std::vector<float> scores(20);
    ASSERT_TRUE(context.BindInput(0, image.data(), {2, 3, 40, 36}).ok());
    ASSERT_TRUE(context.BindOutput(0, scores.data(), {2, 10}).ok());
    EXPECT_GT(AllocationsOfRun(context, 0), 0);
    EXPECT_EQ(AllocationsOfRun(context, 0), 0) << threads << " threads";
    ASSERT_TRUE(context.SetProfiling(true).ok());
    EXPECT_EQ(AllocationsOfRun(context, 1), 0) << threads << " threads, with times";
    ASSERT_TRUE(context.UnbindOutput(0).ok());
    EXPECT_EQ(AllocationsOfRun(context, 2), 0) << threads << " threads, in memory of the context";
  }
}

// The outcome of a function that is allowed some allocations.
template <typename Function>
assay_code CodeWith(int64_t allocations, Function function) {
  g_allowed = g_allocations + allocations;
  assay_status* status = function();
  g_allowed = INT64_MAX;
  const assay_code code = assay_status_code(status);
  assay_status_free(status);
  return code;
}

TEST(ApiAllocations, AreErrorsWhereTheyFail) {
  const std::string model = std::string(ASSAY_SOURCE_DIR) + "/tests/data/cli/classifier.onnx";
  assay_options* options = assay_options_create();
  ASSERT_EQ(assay_options_set_threads(options, 1), nullptr);
  const std::string long_name(100, 'x');
  EXPECT_EQ(CodeWith(0, [&] { return assay_options_disable_pass(options, long_name.c_str()); }),
            ASSAY_RESOURCE_LIMIT);
  EXPECT_EQ(CodeWith(0, [&] { return assay_options_disable_pass(options, nullptr); }),
            ASSAY_RESOURCE_LIMIT);
  assay_engine* engine = nullptr;
  int64_t allowed = 0;
  for (; engine == nullptr; allowed += 7) {
    const assay_code code =
        CodeWith(allowed, [&] { return assay_load(model.c_str(), options, &engine); });
    ASSERT_EQ(code, engine == nullptr ? ASSAY_RESOURCE_LIMIT : ASSAY_OK) << allowed;
  }
  EXPECT_GT(allowed, 100);

  // The first run makes a plan.
  assay_context* context = nullptr;
  ASSERT_EQ(assay_context_create(engine, &context), nullptr);
  const std::vector<float> image(3 * 8 * 8);
  const int64_t shape[] = {1, 3, 8, 8};
  ASSERT_EQ(assay_bind_input(context, 0, ASSAY_FLOAT32, shape, 4, image.data()), nullptr);
  for (allowed = 0; assay_result_data(context, 0) == nullptr; allowed += 7) {
    const assay_code code = CodeWith(allowed, [&] { return assay_run(context); });
    ASSERT_EQ(code, assay_result_data(context, 0) == nullptr ? ASSAY_RESOURCE_LIMIT : ASSAY_OK)
        << allowed;
  }
  EXPECT_GT(allowed, 100);
  assay_context_free(context);
  assay_engine_free(engine);
  assay_options_free(options);
}

}  // namespace
