#include <string>

#include "ops/op_def.h"

// Expected values: the equations of the ONNX standard, evaluated in float64 with numpy for random
// multiples of 1/8.

namespace assay {

void RnnCases(std::vector<OpCase>& cases);
void GruCases(std::vector<OpCase>& cases);
void LstmCases(std::vector<OpCase>& cases);

namespace {
using Names = std::vector<std::string>;
}  // namespace

void RnnCases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "forward",
       .opset = 7,
       .attributes = {{"hidden_size", int64_t{2}}},
       .inputs = {Tensor::Of<float>({2, 1, 2}, {0.375F, 0.625F, -1, 0.625F}),
                  Tensor::Of<float>({1, 2, 2}, {-0.125F, 0, 0.25F, -0.5F}),
                  Tensor::Of<float>({1, 2, 2}, {1, -1, -0.5F, -0.25F}),
                  Tensor::Of<float>({1, 4}, {0.125F, -0.25F, -0.75F, -1})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 1, 2}, {-0.5862119023682238, -0.8993387348050462,
                                                      -0.1847278279109388, -0.8603159758391432}),
                    Tensor::Of<double>({1, 1, 2}, {-0.1847278279109388, -0.8603159758391432})}});
  cases.push_back(
      {.name = "reverse_with_lengths_and_initial_state",
       .attributes = {{"hidden_size", int64_t{2}}, {"direction", std::string("reverse")}},
       .inputs = {Tensor::Of<float>({3, 2, 1}, {-1, -1, -0.75F, 1, -0.625F, 0.375F}),
                  Tensor::Of<float>({1, 2, 1}, {0.5F, -0.625F}),
                  Tensor::Of<float>({1, 2, 2}, {-0.5F, -0.125F, -0.5F, 1}),
                  Tensor::Of<float>({1, 4}, {-0.625F, 0.875F, 0.625F, 0.75F}),
                  Tensor::Of<int32_t>({2}, {3, 1}),
                  Tensor::Of<float>({1, 2, 2}, {-0.875F, -0.25F, 0.25F, 0})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {
           Tensor::Of<double>({3, 1, 2, 2},
                              {-0.34965485097227905, 0.9981934801835858, -0.5545997223493823,
                               0.971872745913509, -0.5186432146361907, 0.9949766678801848, 0, 0,
                               0.1549907303716235, 0.9758924409675271, 0, 0}),
           Tensor::Of<double>({1, 2, 2}, {-0.34965485097227905, 0.9981934801835858,
                                          -0.5545997223493823, 0.971872745913509})}});
  cases.push_back({.name = "bidirectional_with_activations",
                   .attributes = {{"hidden_size", int64_t{1}},
                                  {"direction", std::string("bidirectional")},
                                  {"activations", Names{"LeakyRelu", "ScaledTanh"}},
                                  {"activation_alpha", std::vector<float>{0.5F, 0.25F}},
                                  {"activation_beta", std::vector<float>{2.0F}}},
                   .inputs = {Tensor::Of<float>({2, 1, 1}, {1, 0.125F}),
                              Tensor::Of<float>({2, 1, 1}, {0.875F, -0.5F}),
                              Tensor::Of<float>({2, 1, 1}, {-0.25F, 0.75F}),
                              Tensor::Of<float>({2, 2}, {-0.625F, -0.875F, -0.25F, 0.375F})},
                   .output_types = {DType::kFloat32, DType::kFloat32},
                   .expected = {Tensor::Of<double>({2, 2, 1, 1}, {-0.3125, -0.1516252479614959,
                                                                  -0.65625, 0.03108825044289905}),
                                Tensor::Of<double>({2, 1, 1}, {-0.65625, -0.1516252479614959})}});
  cases.push_back(
      {.name = "batch_first",
       .opset = 14,
       .attributes = {{"hidden_size", int64_t{1}}, {"layout", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 2, 1}, {-0.75F, 0.75F, -0.375F, -0.625F}),
                  Tensor::Of<float>({1, 1, 1}, {0.125F}), Tensor::Of<float>({1, 1, 1}, {0.875F}),
                  Tensor::Of<float>({1, 2}, {0.875F, 0.75F}), std::nullopt,
                  Tensor::Of<float>({2, 1, 1}, {-0.375F, -1})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 2, 1, 1}, {0.8346053146499223, 0.9851884126103635,
                                                      0.6063475927138031, 0.9691085964489594}),
                    Tensor::Of<double>({2, 1, 1}, {0.9851884126103635, 0.9691085964489594})}});
  cases.push_back(
      {.name = "clip",
       .attributes = {{"hidden_size", int64_t{1}}, {"clip", 0.5F}},
       .inputs = {Tensor::Of<float>({2, 1, 2}, {0.625F, 0.5F, 0.625F, -1}),
                  Tensor::Of<float>({1, 1, 2}, {-1, 0}), Tensor::Of<float>({1, 1, 1}, {-0.375F}),
                  Tensor::Of<float>({1, 2}, {-0.125F, 0.875F})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 1, 1}, {0.1243530017715962, 0.07820758628809896}),
                    Tensor::Of<double>({1, 1, 1}, {0.07820758628809896})}});
}

void GruCases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "forward",
       .opset = 7,
       .attributes = {{"hidden_size", int64_t{2}}},
       .inputs = {Tensor::Of<float>({2, 1, 2}, {-0.625F, 0, -0.375F, -0.375F}),
                  Tensor::Of<float>({1, 6, 2}, {0.625F, -0.75F, -0.375F, -0.75F, -0.75F, -0.5F,
                                                0.375F, 0.125F, -0.125F, -0.75F, 0.625F, 0.625F}),
                  Tensor::Of<float>({1, 6, 2}, {-0.5F, -0.875F, -0.375F, -0.75F, 0.625F, 0, 0,
                                                -0.5F, 0, 1, -0.5F, 0.625F}),
                  Tensor::Of<float>({1, 12}, {-1, -0.375F, 0.875F, 0.75F, -0.875F, 0.75F, 0.75F,
                                              -0.125F, -0.25F, 1, 1, 0.375F})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 1, 2}, {0.13122565678177453, 0.35417740190631286,
                                                      0.44887986218840836, 0.5334814468931656}),
                    Tensor::Of<double>({1, 1, 2}, {0.44887986218840836, 0.5334814468931656})}});
  cases.push_back(
      {.name = "reverse_with_lengths_and_initial_state",
       .attributes = {{"hidden_size", int64_t{2}}, {"direction", std::string("reverse")}},
       .inputs = {Tensor::Of<float>({3, 2, 1}, {-0.25F, -0.625F, 0.875F, -0.5F, 0.125F, 0.375F}),
                  Tensor::Of<float>({1, 6, 1}, {-0.5F, -0.375F, 0.5F, -0.625F, 0.375F, 1}),
                  Tensor::Of<float>({1, 6, 2}, {0.375F, 0.25F, -0.125F, 1, -0.625F, -0.25F, 0.25F,
                                                0.375F, -0.875F, -0.75F, 0.375F, 0.75F}),
                  Tensor::Of<float>({1, 12}, {0.25F, 0.875F, -0.25F, -0.375F, 0.625F, -1, -0.625F,
                                              -0.625F, -0.25F, -0.75F, 0.625F, 0.75F}),
                  Tensor::Of<int32_t>({2}, {3, 1}),
                  Tensor::Of<float>({1, 2, 2}, {-0.25F, -1, 0.5F, -0.875F})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>(
                        {3, 1, 2, 2}, {0.7590640159328077, -0.01613053757498016, 0.6523743665534408,
                                       -0.8071269921847879, 0.7795673366277242, 0.20439494195560512,
                                       0, 0, 0.5455599231487245, -0.5118418338775825, 0, 0}),
                    Tensor::Of<double>({1, 2, 2}, {0.7590640159328077, -0.01613053757498016,
                                                   0.6523743665534408, -0.8071269921847879})}});
  cases.push_back(
      {.name = "bidirectional_with_activations",
       .attributes = {{"hidden_size", int64_t{1}},
                      {"direction", std::string("bidirectional")},
                      {"activations", Names{"HardSigmoid", "Affine", "Sigmoid", "Elu"}},
                      {"activation_alpha", std::vector<float>{0.5F, 0.75F, 2.0F}},
                      {"activation_beta", std::vector<float>{0.25F, 0.125F}}},
       .inputs = {Tensor::Of<float>({2, 1, 1}, {1, 0.25F}),
                  Tensor::Of<float>({2, 3, 1}, {0.5F, -0.25F, 0.625F, -0.875F, -0.75F, -0.25F}),
                  Tensor::Of<float>({2, 3, 1}, {0.5F, 0, 0.75F, 1, -0.25F, -0.125F}),
                  Tensor::Of<float>({2, 6}, {0.125F, 0.25F, 0, 0.25F, 1, 0.5F, -0.375F, -0.125F,
                                             -0.25F, -0.75F, -1, 0.625F})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 2, 1, 1}, {0.302734375, 0.1398273503810178,
                                                      0.4971280191093683, 0.24784560974503494}),
                    Tensor::Of<double>({2, 1, 1}, {0.4971280191093683, 0.1398273503810178})}});
  cases.push_back(
      {.name = "batch_first",
       .opset = 14,
       .attributes = {{"hidden_size", int64_t{1}}, {"layout", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 2, 1}, {-0.125F, -0.375F, 0.25F, 0.125F}),
                  Tensor::Of<float>({1, 3, 1}, {0.875F, 0.25F, 0.875F}),
                  Tensor::Of<float>({1, 3, 1}, {0.125F, -0.375F, -0.375F}),
                  Tensor::Of<float>({1, 6}, {1, 0.125F, -0.625F, 0.75F, 0.625F, -1}), std::nullopt,
                  Tensor::Of<float>({2, 1, 1}, {-0.75F, 0.375F})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 2, 1, 1}, {-0.778123477100013, -0.8122421744090412,
                                                      0.2245044202817087, 0.07431302279208443}),
                    Tensor::Of<double>({2, 1, 1}, {-0.8122421744090412, 0.07431302279208443})}});
  cases.push_back(
      {.name = "clip",
       .attributes = {{"hidden_size", int64_t{1}}, {"clip", 0.5F}},
       .inputs = {Tensor::Of<float>({2, 1, 2}, {-0.25F, -0.375F, -0.875F, -0.625F}),
                  Tensor::Of<float>({1, 3, 2}, {0.75F, 0.75F, 0.75F, 0.125F, -0.75F, -0.375F}),
                  Tensor::Of<float>({1, 3, 1}, {0, 1, -0.5F}),
                  Tensor::Of<float>({1, 6}, {0.125F, 0, 0, 0.125F, 0.375F, -0.875F})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 1, 1}, {-0.2562303150521485, -0.05695818615003989}),
                    Tensor::Of<double>({1, 1, 1}, {-0.05695818615003989})}});
  cases.push_back(
      {.name = "linear_before_reset",
       .attributes = {{"hidden_size", int64_t{2}}, {"linear_before_reset", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 1, 2}, {0.125F, 0.875F, -0.125F, -0.25F}),
                  Tensor::Of<float>({1, 6, 2}, {0.125F, -0.75F, 0.375F, -1, 0.125F, -0.875F, -1,
                                                -0.625F, 0.5F, -0.125F, -0.125F, 0.25F}),
                  Tensor::Of<float>({1, 6, 2}, {-0.875F, 1, 0, 0.875F, 0.5F, -0.5F, -0.375F, 0.25F,
                                                0.75F, 0.875F, 0, -0.875F}),
                  Tensor::Of<float>({1, 12}, {1, 0.75F, 0.5F, -0.25F, -0.75F, 0.625F, -0.625F,
                                              -0.375F, 0.75F, 0.25F, -0.375F, 0}),
                  std::nullopt, Tensor::Of<float>({1, 1, 2}, {0.25F, -0.875F})},
       .output_types = {DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 1, 2}, {-0.6698482133717931, 0.3996686727182839,
                                                      -0.6966069597584015, 0.38167228772208783}),
                    Tensor::Of<double>({1, 1, 2}, {-0.6966069597584015, 0.38167228772208783})}});
}

void LstmCases(std::vector<OpCase>& cases) {
  cases.push_back(
      {.name = "forward",
       .opset = 7,
       .attributes = {{"hidden_size", int64_t{2}}},
       .inputs = {Tensor::Of<float>({2, 1, 2}, {1, 0.75F, 0.625F, -0.5F}),
                  Tensor::Of<float>({1, 8, 2},
                                    {-0.125F, -0.125F, -0.375F, -1, 0.5F, -1, 0.5F, -0.625F, 0.25F,
                                     -0.375F, -0.5F, 0.875F, 0, 0.875F, -0.625F, 0}),
                  Tensor::Of<float>(
                      {1, 8, 2}, {-0.375F, -0.125F, -1, 0.375F, -0.375F, 0.75F, -0.625F, -0.375F,
                                  -1, 0.625F, 0.125F, -0.25F, 0.875F, 0.25F, 1, 0.5F}),
                  Tensor::Of<float>(
                      {1, 16}, {0.125F, 0, -0.625F, 0.375F, 0.625F, 0.375F, -0.125F, -1, 0.5F, -1,
                                0.625F, -0.75F, -0.375F, -0.625F, 0.125F, -0.625F})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 1, 2}, {0.1455722326777253, -0.04313666693990572,
                                                      0.007518443580803093, -0.1611720612900994}),
                    Tensor::Of<double>({1, 1, 2}, {0.007518443580803093, -0.1611720612900994}),
                    Tensor::Of<double>({1, 1, 2}, {0.011158242597345186, -0.3056152486927899})}});
  cases.push_back(
      {.name = "reverse_with_lengths_and_initial_state",
       .attributes = {{"hidden_size", int64_t{2}}, {"direction", std::string("reverse")}},
       .inputs = {Tensor::Of<float>({3, 2, 1}, {-0.5F, -1, 1, -0.625F, -0.625F, 0.25F}),
                  Tensor::Of<float>(
                      {1, 8, 1}, {-0.75F, 0.875F, 0.625F, -0.375F, -0.25F, -0.25F, 0.5F, -0.125F}),
                  Tensor::Of<float>({1, 8, 2},
                                    {-0.5F, 0.375F, -0.75F, 0.625F, -0.125F, 0.875F, -0.5F, -0.25F,
                                     0.75F, 0.5F, -1, -0.375F, -1, 0.75F, -0.125F, -0.625F}),
                  Tensor::Of<float>({1, 16}, {0.5F, 0.75F, -0.875F, 0, -0.25F, 0.5F, 0.875F, 0.125F,
                                              0.5F, -0.375F, 0.125F, 0, 0.5F, -1, -0.5F, -1}),
                  Tensor::Of<int32_t>({2}, {3, 1}), Tensor::Of<float>({1, 2, 2}, {1, 0.125F, 0, 0}),
                  Tensor::Of<float>({1, 2, 2}, {-1, 0.75F, 0.75F, -1})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {
           Tensor::Of<double>({3, 1, 2, 2},
                              {-0.014685196801624936, -0.2801394951871511, 0.06982897923382698,
                               -0.34965474496340787, -0.05882540215476852, -0.23997672991876629, 0,
                               0, -0.20479215259628966, -0.03384891244078215, 0, 0}),
           Tensor::Of<double>({1, 2, 2}, {-0.014685196801624936, -0.2801394951871511,
                                          0.06982897923382698, -0.34965474496340787}),
           Tensor::Of<double>({1, 2, 2}, {-0.06682207176749513, -0.5393823346037856,
                                          0.3609016101089093, -0.6776180593849398})}});
  cases.push_back(
      {.name = "bidirectional_with_activations",
       .attributes = {{"hidden_size", int64_t{1}},
                      {"direction", std::string("bidirectional")},
                      {"activations", Names{"HardSigmoid", "Softsign", "Softplus", "Sigmoid",
                                            "LeakyRelu", "ThresholdedRelu"}},
                      {"activation_alpha", std::vector<float>{0.5F, 0.25F, 0.125F}},
                      {"activation_beta", std::vector<float>{0.25F}}},
       .inputs = {Tensor::Of<float>({2, 1, 1}, {0.25F, 0.125F}),
                  Tensor::Of<float>({2, 4, 1}, {-0.25F, 0, 0.75F, 0.25F, 0, 0.5F, 0.375F, 0}),
                  Tensor::Of<float>({2, 4, 1},
                                    {0.75F, 0.125F, 0.25F, 0, 0.25F, 0.25F, 0.875F, -0.5F}),
                  Tensor::Of<float>({2, 8}, {-0.25F, 0.125F, -0.375F, 0.375F, 0.75F, -0.625F, -1,
                                             1, 0, 0.5F, 0.5F, 1, -1, -0.5F, 1, -0.125F})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {
           Tensor::Of<double>({2, 2, 1, 1}, {0, 0.2278236264146165, 0, 0.12133760889357177}),
           Tensor::Of<double>({2, 1, 1}, {0, 0.2278236264146165}),
           Tensor::Of<double>({2, 1, 1}, {0.2830762987012987, 0.42287000301671895})}});
  cases.push_back(
      {.name = "batch_first",
       .opset = 14,
       .attributes = {{"hidden_size", int64_t{1}}, {"layout", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 2, 1}, {-0.25F, -0.5F, -1, -1}),
                  Tensor::Of<float>({1, 4, 1}, {1, -1, -0.75F, -0.5F}),
                  Tensor::Of<float>({1, 4, 1}, {-0.5F, 0.75F, -0.375F, -0.75F}),
                  Tensor::Of<float>({1, 8},
                                    {-0.25F, 0.375F, -0.125F, -0.5F, -0.75F, -0.875F, 0, -0.625F}),
                  std::nullopt, Tensor::Of<float>({2, 1, 1}, {0.125F, 0.375F})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 2, 1, 1}, {-0.07730499663094836, -0.1065809359641189,
                                                      -0.04968857923715529, -0.06840377547819543}),
                    Tensor::Of<double>({2, 1, 1}, {-0.1065809359641189, -0.06840377547819543}),
                    Tensor::Of<double>({2, 1, 1}, {-0.22315590311528782, -0.1119332212741034})}});
  cases.push_back(
      {.name = "clip",
       .attributes = {{"hidden_size", int64_t{1}}, {"clip", 0.5F}},
       .inputs = {Tensor::Of<float>({2, 1, 2}, {-0.25F, 0, -1, 0.125F}),
                  Tensor::Of<float>({1, 4, 2},
                                    {-0.625F, -0.125F, -0.875F, -0.5F, -0.125F, 0, -1, 0.875F}),
                  Tensor::Of<float>({1, 4, 1}, {-0.125F, -0.625F, -0.625F, 0.5F}),
                  Tensor::Of<float>(
                      {1, 8}, {-0.125F, -0.5F, -0.125F, -0.625F, -0.75F, -0.375F, 1, -0.875F})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 1, 1}, {-0.06520848296674794, -0.13626772174422372}),
                    Tensor::Of<double>({1, 1, 1}, {-0.13626772174422372}),
                    Tensor::Of<double>({1, 1, 1}, {-0.282839428550439})}});
  cases.push_back(
      {.name = "peepholes",
       .attributes = {{"hidden_size", int64_t{2}}},
       .inputs = {Tensor::Of<float>({2, 1, 2}, {-0.5F, 0.5F, 0.25F, 0.625F}),
                  Tensor::Of<float>(
                      {1, 8, 2}, {0.5F, 0, -0.375F, -0.25F, -0.625F, 1, -1, -0.25F, -0.875F, 0.75F,
                                  0.375F, -0.125F, 0.625F, -0.25F, -0.125F, -0.25F}),
                  Tensor::Of<float>({1, 8, 2},
                                    {0.5F, -0.875F, 0.125F, -0.5F, 1, -0.625F, -0.25F, -0.875F, 0,
                                     0.125F, 0.5F, -0.125F, -0.5F, -1, 0.875F, -0.75F}),
                  Tensor::Of<float>({1, 16},
                                    {0.625F, 0.875F, -0.375F, -0.75F, 0.375F, -0.25F, -1, 1, 0.875F,
                                     -0.875F, 0.5F, -0.25F, -0.875F, 0.625F, 0.75F, -1}),
                  std::nullopt, Tensor::Of<float>({1, 1, 2}, {-0.875F, -0.875F}),
                  Tensor::Of<float>({1, 1, 2}, {1, 0.875F}),
                  Tensor::Of<float>({1, 6}, {0.75F, 0.375F, -0.875F, -0.5F, 0, 0})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 1, 2}, {0.3308915208259772, 0.1507773868219019,
                                                      -0.003247111483327843, 0.02600792585310393}),
                    Tensor::Of<double>({1, 1, 2}, {-0.003247111483327843, 0.02600792585310393}),
                    Tensor::Of<double>({1, 1, 2}, {-0.004656716345120382, 0.17092877745414511})}});
  cases.push_back(
      {.name = "coupled_gates",
       .attributes = {{"hidden_size", int64_t{2}}, {"input_forget", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 1, 1}, {-0.875F, -0.5F}),
                  Tensor::Of<float>({1, 8, 1},
                                    {0.375F, 0.875F, -0.875F, 1, -0.375F, -0.875F, 0.875F, 0}),
                  Tensor::Of<float>(
                      {1, 8, 2}, {0.375F, -0.625F, 0.875F, -0.25F, -0.25F, 0.5F, 0.5F, 0.5F,
                                  -0.625F, -0.625F, 0.125F, -0.375F, -1, -0.125F, 0.625F, -0.25F}),
                  Tensor::Of<float>({1, 16},
                                    {-0.125F, 0.375F, 1, 0.625F, -0.75F, -0.375F, 0.125F, -0.125F,
                                     -0.625F, -0.875F, 0.375F, -0.25F, -0.375F, 1, 0.75F, 0}),
                  std::nullopt, std::nullopt, Tensor::Of<float>({1, 1, 2}, {0.875F, 0.125F})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 1, 2}, {0.529592061374822, 0.02643757666677132,
                                                      0.34419447565045036, 0.06349288434360335}),
                    Tensor::Of<double>({1, 1, 2}, {0.34419447565045036, 0.06349288434360335}),
                    Tensor::Of<double>({1, 1, 2}, {0.4326031746908421, 0.1185291851937515})}});
  cases.push_back(
      {.name = "no_sequence_runs",
       .attributes = {{"hidden_size", int64_t{1}}},
       .inputs = {Tensor::Of<float>({2, 2, 1}, {0.875F, 0.25F, -0.25F, 0.125F}),
                  Tensor::Of<float>({1, 4, 1}, {0.375F, 0.625F, 1, -0.5F}),
                  Tensor::Of<float>({1, 4, 1}, {-0.875F, -0.375F, 0.125F, 0.875F}), std::nullopt,
                  Tensor::Of<int32_t>({2}, {0, 1}), Tensor::Of<float>({1, 2, 1}, {0.875F, 0}),
                  Tensor::Of<float>({1, 2, 1}, {-1, 1})},
       .output_types = {DType::kFloat32, DType::kFloat32, DType::kFloat32},
       .expected = {Tensor::Of<double>({2, 1, 2, 1}, {0, 0.24783722315437265, 0, 0}),
                    Tensor::Of<double>({1, 2, 1}, {0.875, 0.24783722315437265}),
                    Tensor::Of<double>({1, 2, 1}, {-1, 0.49708760930722984})}});
}

}  // namespace assay
