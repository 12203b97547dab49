// Wrong use of the C and C++ interface: an error that says what is wrong, never a crash.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "assay/assay.h"

namespace {

const std::string kModels = std::string(ASSAY_SOURCE_DIR) + "/tests/data/cli/";
const std::string kModel = kModels + "scale_shift.onnx";
const std::vector<int64_t> kShape = {1, 3, 4, 4};

// The text of a status, which is freed; "" for success.
std::string TextOf(assay_status* status) {
  const assay_code code = assay_status_code(status);
  std::string text = assay_status_message(status);
  assay_status_free(status);
  if (code != ASSAY_USAGE && code != ASSAY_OK) text += " (code " + std::to_string(code) + ")";
  return text;
}

std::string Null(const std::string& name) {
  return "argument " + name + ": expected an address, got NULL";
}

TEST(ApiMisuse, NullIsNamedWhereverAnAddressIsNeeded) {
  assay_options* options = assay_options_create();
  EXPECT_EQ(TextOf(assay_options_set_threads(nullptr, 2)), Null("options"));
  EXPECT_EQ(TextOf(assay_options_set_plan_cache(nullptr, 2)), Null("options"));
  EXPECT_EQ(TextOf(assay_options_disable_pass(nullptr, "x")), Null("options"));
  EXPECT_EQ(TextOf(assay_options_disable_pass(options, nullptr)), Null("pass"));
  const int64_t extents[] = {1};
  const auto set_profile = [&](assay_options* of, const char* input, const int64_t* min,
                               const int64_t* opt, const int64_t* max) {
    return TextOf(assay_options_set_profile(of, input, min, opt, max, 1));
  };
  EXPECT_EQ(set_profile(nullptr, "x", extents, extents, extents), Null("options"));
  EXPECT_EQ(set_profile(options, nullptr, extents, extents, extents), Null("input"));
  EXPECT_EQ(set_profile(options, "x", nullptr, extents, extents), Null("min"));
  EXPECT_EQ(set_profile(options, "x", extents, nullptr, extents), Null("opt"));
  EXPECT_EQ(set_profile(options, "x", extents, extents, nullptr), Null("max"));
  EXPECT_EQ(TextOf(assay_options_set_profile(options, "x", nullptr, nullptr, nullptr, 0)), "");
  assay_options_free(options);

  assay_engine* engine = nullptr;
  assay_context* context = nullptr;
  EXPECT_EQ(TextOf(assay_load(nullptr, nullptr, &engine)), Null("path"));
  EXPECT_EQ(TextOf(assay_load(kModel.c_str(), nullptr, nullptr)), Null("engine"));
  EXPECT_EQ(TextOf(assay_save(nullptr, "x")), Null("engine"));
  EXPECT_EQ(TextOf(assay_context_create(nullptr, &context)), Null("engine"));
  ASSERT_EQ(TextOf(assay_load(kModel.c_str(), nullptr, &engine)), "");
  EXPECT_EQ(TextOf(assay_save(engine, nullptr)), Null("path"));
  EXPECT_EQ(TextOf(assay_context_create(engine, nullptr)), Null("context"));
  float value = 0;
  EXPECT_EQ(TextOf(assay_bind_input(nullptr, 0, ASSAY_FLOAT32, extents, 1, &value)),
            Null("context"));
  EXPECT_EQ(TextOf(assay_bind_output(nullptr, 0, ASSAY_FLOAT32, extents, 1, &value)),
            Null("context"));
  EXPECT_EQ(TextOf(assay_run(nullptr)), Null("context"));
  EXPECT_EQ(TextOf(assay_result_check(nullptr, 0, ASSAY_FLOAT32)), Null("context"));
  EXPECT_EQ(TextOf(assay_context_set_profiling(nullptr, 1)), Null("context"));
  assay_engine_free(engine);
  assay_engine_free(nullptr);
  assay_context_free(nullptr);
  assay_options_free(nullptr);
  assay_status_free(nullptr);
}

TEST(ApiMisuse, GettersGiveNothingForWhatIsNotThere) {
  assay_engine* engine = nullptr;
  ASSERT_EQ(TextOf(assay_load(kModel.c_str(), nullptr, &engine)), "");
  EXPECT_EQ(assay_input_count(nullptr), 0u);
  EXPECT_EQ(assay_output_count(nullptr), 0u);
  for (const auto& [of, index] : std::vector<std::pair<assay_engine*, size_t>>{
           {nullptr, 0}, {engine, 1}, {engine, SIZE_MAX}}) {
    EXPECT_EQ(assay_input_name(of, index), nullptr);
    EXPECT_EQ(assay_output_name(of, index), nullptr);
    EXPECT_EQ(assay_input_type(of, index), ASSAY_UNDEFINED);
    EXPECT_EQ(assay_output_type(of, index), ASSAY_UNDEFINED);
    EXPECT_EQ(assay_input_rank(of, index), -1);
    EXPECT_EQ(assay_output_rank(of, index), -1);
    EXPECT_EQ(assay_input_shape(of, index), nullptr);
    EXPECT_EQ(assay_output_shape(of, index), nullptr);
  }
  assay_context* context = nullptr;
  ASSERT_EQ(TextOf(assay_context_create(engine, &context)), "");
  for (const auto& [of, index] : std::vector<std::pair<assay_context*, size_t>>{
           {nullptr, 0}, {context, 0}, {context, SIZE_MAX}}) {
    EXPECT_EQ(assay_result_type(of, index), ASSAY_UNDEFINED);
    EXPECT_EQ(assay_result_data(of, index), nullptr);
    EXPECT_EQ(assay_result_bytes(of, index), 0u);
    EXPECT_EQ(assay_result_rank(of, index), -1);
    EXPECT_EQ(assay_result_shape(of, index), nullptr);
    EXPECT_EQ(assay_step_count(of), 0u);
    EXPECT_EQ(assay_step_seconds(of, index), 0);
    EXPECT_EQ(assay_step_tactic(of, index), nullptr);
    EXPECT_EQ(assay_step_node_count(of, index), 0u);
    EXPECT_EQ(assay_step_node(of, index, 0), nullptr);
  }
  assay_context_free(context);
  assay_engine_free(engine);
}

TEST(ApiMisuse, NumbersOutOfRangeAreRefused) {
  assay_options* options = assay_options_create();
  for (const int threads : {-5, 4097, 2000000}) {
    EXPECT_EQ(TextOf(assay_options_set_threads(options, threads)),
              "argument threads: expected 0 to 4096, got " + std::to_string(threads));
  }
  EXPECT_EQ(TextOf(assay_options_set_threads(options, 2)), "");
  EXPECT_EQ(TextOf(assay_options_set_plan_cache(options, 0)),
            "argument plans: expected at least 1, got 0");
  const int64_t extents[] = {1};
  EXPECT_EQ(TextOf(assay_options_set_profile(options, "x", extents, extents, extents, -1)),
            "argument rank: expected at least 0, got -1 (profile of \"x\")");
  assay_engine* engine = nullptr;
  assay_context* context = nullptr;
  ASSERT_EQ(TextOf(assay_load(kModel.c_str(), options, &engine)), "");
  ASSERT_EQ(TextOf(assay_context_create(engine, &context)), "");
  float value = 0;
  EXPECT_EQ(TextOf(assay_bind_input(context, 1, ASSAY_FLOAT32, extents, 1, &value)),
            "index of an input: expected less than 1, got 1");
  EXPECT_EQ(TextOf(assay_bind_output(context, 9, ASSAY_FLOAT32, extents, 1, &value)),
            "index of an output: expected less than 1, got 9");
  EXPECT_EQ(
      TextOf(assay_bind_input(context, 0, static_cast<assay_element_type>(15), extents, 1, &value)),
      "element type of \"x\": expected float32, got complex128 (code 2)");
  assay_context_free(context);
  assay_engine_free(engine);
  assay_options_free(options);
}

TEST(ApiMisuse, OutputsAreReadAsWhatTheyAre) {
  assay::Engine engine = std::move(*assay::Engine::Load(kModel));
  assay::Context context = std::move(*engine.CreateContext());
  EXPECT_EQ(context.Output<float>(0).status().message(),
            "output \"y\": there was no run, or it failed");
  const std::vector<float> input(48);
  ASSERT_TRUE(context.BindInput(0, input.data(), kShape).ok());
  ASSERT_TRUE(context.Run().ok());
  EXPECT_TRUE(context.Output<float>(0).ok());
  EXPECT_EQ(context.Output<double>(0).status().message(),
            "element type of output \"y\": it is float32, and was read as float64");
  EXPECT_EQ(context.Output<float>(99).status().message(),
            "index of an output: expected less than 1, got 99");
  EXPECT_EQ(context.Output(99).status().code(), ASSAY_USAGE);
}

TEST(ApiMisuse, MovedFromObjectsSaySo) {
  assay::Options options;
  const assay::Options other_options = std::move(options);
  EXPECT_EQ(options.SetThreads(1).code(), ASSAY_USAGE);  // NOLINT: moved from on purpose
  EXPECT_EQ(assay::Engine::Load(kModel, options).status().code(), ASSAY_USAGE);
  assay::Engine engine = std::move(*assay::Engine::Load(kModel, other_options));
  assay::Context context = std::move(*engine.CreateContext());
  const assay::Context other_context = std::move(context);
  EXPECT_EQ(context.Run().code(), ASSAY_USAGE);  // NOLINT: moved from on purpose
  EXPECT_EQ(context.Output<float>(0).status().code(), ASSAY_USAGE);
  EXPECT_EQ(context.Output(0).status().code(), ASSAY_USAGE);
  EXPECT_EQ(context.UnbindOutput(0).code(), ASSAY_USAGE);
  EXPECT_TRUE(context.Profile().empty());
  const assay::Engine other_engine = std::move(engine);
  EXPECT_EQ(engine.CreateContext().status().code(), ASSAY_USAGE);  // NOLINT: moved from on purpose
  EXPECT_EQ(engine.Save("x").code(), ASSAY_USAGE);
  EXPECT_TRUE(engine.Inputs().empty());
  EXPECT_TRUE(engine.Outputs().empty());
}

TEST(ApiMisuseDeathTest, ReadingAFailedResultSaysWhyAndAborts) {
  EXPECT_DEATH((void)*assay::Engine::Load(kModels + "none.onnx"),
               "assay: value of a failed result: .*none.onnx");
  EXPECT_DEATH((void)assay::Engine::Load(kModels + "none.onnx")->Inputs(),
               "assay: value of a failed result: .*none.onnx");
}

}  // namespace
