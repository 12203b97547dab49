#include "cli/options/data_loader_options.h"

#include <fmt/format.h>

#include <cmath>

#include "cli/named_values.h"
#include "tensor/number_text.h"

namespace assay {
namespace {

constexpr int kSources = 101;
constexpr std::string_view kModules[] = {"numpy", "torch"};
constexpr std::string_view kLayouts[] = {"nchw", "nhwc"};
constexpr std::string_view kOrders[] = {"rgb", "bgr"};

constexpr OptionDef kOptions[] = {
    {.names = {"--seed"},
     .arity = ArgumentCount::kOne,
     .value = "SEED",
     .help = "Seed of the random inputs (default: 1); iteration i uses SEED + i",
     .type = ArgumentType::kInteger},
    {.names = {"--val-range"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "[NAME:][MIN,MAX]",
     .help = "Range of random values, both ends included (default: [0,1])"},
    {.names = {"--iterations", "--iters"},
     .arity = ArgumentCount::kOne,
     .value = "NUM",
     .help = "How many random inputs to run (default: 1)",
     .type = ArgumentType::kInteger},
    {.names = {"--data-loader-backend-module"},
     .arity = ArgumentCount::kOne,
     .value = "MODULE",
     .help = "numpy: the generator of numpy's RandomState, bit for bit. torch is refused",
     .choices = kModules},
    {.names = {"--load-inputs", "--load-input-data"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "PATH",
     .help = "Take the inputs from these files or folders (JSON, .npz, .npy), one after the other",
     .path = PathUse::kReadTensors,
     .exclusive_set = kSources},
    {.names = {"--data-loader-script"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Python script that yields inputs",
     .handling = Handling::kRefused,
     .note = "Assay does not run Python: save the inputs from the script with numpy.savez and give "
             "the file to --load-inputs",
     .exclusive_set = kSources},
    {.names = {"--data-loader-func-name"},
     .arity = ArgumentCount::kOne,
     .value = "NAME",
     .help = "Function in that script",
     .handling = Handling::kRefused,
     .note = "Assay does not run Python: save the inputs from the script with numpy.savez and give "
             "the file to --load-inputs"},
};

constexpr OptionDef kImageRows[] = {
    {.names = {"--load-images"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help =
         "Take the inputs from the pictures of this folder (or from this picture): BMP, "
         "JPEG, JPEG 2000, PNG, PNM, TIFF, WebP; one iteration each, in the order of their names",
     .path = PathUse::kReadTensors,
     .exclusive_set = kSources,
     .assay_only = true},
    {.names = {"--image-size"},
     .arity = ArgumentCount::kOne,
     .value = "HxW",
     .help = "Resize pictures to this height and width, for example 512x512 (default: the shape of "
             "the input where it is fixed, else the size of the picture)",
     .assay_only = true},
    {.names = {"--mean"},
     .arity = ArgumentCount::kOne,
     .value = "A,B,C",
     .help = "Subtracted from the channels, after the scale (default: 0)",
     .assay_only = true},
    {.names = {"--std"},
     .arity = ArgumentCount::kOne,
     .value = "A,B,C",
     .help = "Divides the channels, after the mean (default: 1)",
     .assay_only = true},
    {.names = {"--image-scale"},
     .arity = ArgumentCount::kOne,
     .value = "FACTOR",
     .help = "Factor on samples in [0, 255] (default: 1/255)",
     .assay_only = true},
    {.names = {"--image-layout"},
     .arity = ArgumentCount::kOne,
     .value = "LAYOUT",
     .help = "nchw (default) or nhwc",
     .choices = kLayouts,
     .assay_only = true},
    {.names = {"--image-channels"},
     .arity = ArgumentCount::kOne,
     .value = "ORDER",
     .help = "rgb (default) or bgr: order of the channels, of the mean and of the std",
     .choices = kOrders,
     .assay_only = true},
    {.names = {"--image-input"},
     .arity = ArgumentCount::kOne,
     .value = "NAME",
     .help = "The input that takes the pictures (default: the one with four dimensions)",
     .assay_only = true},
};

Status RangeError(const std::string& argument, const std::string& what) {
  return Status(StatusCode::kUsage,
                fmt::format("argument --val-range: {}, got '{}'", what, argument),
                "for example --val-range [0,1] image:[-1,1]");
}

Status ReadRanges(const ParsedOptions& options, DataLoaderSettings& settings) {
  NamedValues<ValueRange> ranges;
  for (const std::string& argument : options.Values("--val-range")) {
    NamedText named = SplitNamedText(argument);
    Result<ValueRange> range = ParseValueRange(named.value);
    if (!range.ok()) return RangeError(argument, "expected [name:][min,max] with two numbers");
    if (!(range->min.AsDouble() <= range->max.AsDouble())) {
      return RangeError(argument, "expected a minimum that is not above the maximum");
    }
    ranges.Set(std::move(named.name), *range);
  }
  settings.random.ranges = ranges.items();
  return OkStatus();
}

Status ReadImages(const ParsedOptions& options, DataLoaderSettings& settings) {
  settings.image_path = options.Value("--load-images").value_or("");
  if (settings.image_path.empty()) {
    for (const OptionDef& option : kImageRows) {
      if (options.Has(option.names[0])) {
        return Status(StatusCode::kUsage,
                      fmt::format("argument {}: it needs --load-images", option.Label()));
      }
    }
    return OkStatus();
  }
  if (const auto text = options.Value("--image-size")) {
    ASSAY_ASSIGN_OR_RETURN(const ImageSize size, ParseImageSize(*text));
    settings.image.height = size.height;
    settings.image.width = size.width;
  }
  if (const auto text = options.Value("--mean")) {
    ASSAY_ASSIGN_OR_RETURN(settings.image.mean, ParseChannelValues(*text));
  }
  if (const auto text = options.Value("--std")) {
    ASSAY_ASSIGN_OR_RETURN(settings.image.std_dev, ParseChannelValues(*text));
  }
  if (const auto text = options.Value("--image-scale")) {
    const auto scale = ParseDouble(*text);
    if (!scale || !std::isfinite(*scale) || *scale == 0) {
      return Status(StatusCode::kUsage,
                    fmt::format("argument --image-scale: expected a number, got '{}'", *text));
    }
    settings.image.scale = *scale;
  }
  if (options.Value("--image-layout") == "nhwc") settings.image.layout = ImageLayout::kNhwc;
  if (options.Value("--image-channels") == "bgr") settings.image.channels = ChannelOrder::kBgr;
  settings.image_input = options.Value("--image-input").value_or("");
  return OkStatus();
}

}  // namespace

constinit const OptionGroup kDataLoaderOptions = {
    "Data Loader", "Where inputs come from: generated, or from files", kOptions};
constinit const OptionGroup kImageOptions = {"Pictures", "Pictures as inputs", kImageRows};

Result<DataLoaderSettings> ReadDataLoaderOptions(const ParsedOptions& options, LogSink& log) {
  DataLoaderSettings settings;
  settings.random.seed = options.Integer("--seed").value_or(1);
  if (settings.random.seed < 0 || settings.random.seed > 0xffffffffLL) {
    return Status(StatusCode::kUsage,
                  fmt::format("argument --seed: expected a number in [0, 4294967295], got {}",
                              settings.random.seed));
  }
  settings.iterations = options.Integer("--iterations").value_or(1);
  if (settings.iterations < 1) {
    return Status(StatusCode::kUsage,
                  fmt::format("argument --iterations/--iters: expected at least 1, got {}",
                              settings.iterations),
                  "without an iteration nothing is compared, and nothing can pass");
  }
  ASSAY_RETURN_IF_ERROR(ReadRanges(options, settings));
  if (options.Value("--data-loader-backend-module") == "torch") {
    return Status(StatusCode::kUnsupported,
                  "argument --data-loader-backend-module: torch is not supported",
                  "save the tensors from Python with numpy.savez and give the file to "
                  "--load-inputs");
  }
  const auto files = options.Values("--load-inputs");
  settings.input_files.assign(files.begin(), files.end());
  ASSAY_RETURN_IF_ERROR(ReadImages(options, settings));
  if (!settings.random_inputs()) {
    for (std::string_view name : {"--seed", "--val-range", "--iterations"}) {
      if (options.Has(name)) {
        log.Write(Severity::kWarning,
                  fmt::format("Argument: '{}' will be ignored since a custom data loader was "
                              "provided.\nThis argument is only valid when using the default data "
                              "loader.",
                              name));
      }
    }
  }
  return settings;
}

}  // namespace assay
