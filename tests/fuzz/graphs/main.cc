// Random graphs through the reference, the engine and ONNX Runtime, and what they disagree on.
//
// usage: assay_graph_fuzz [--seconds N] [--seeds N] [--seed S] [--onnxruntime LIB] [--out FOLDER]
//                         [--print] [--verbose]
//
// Runs seeds S, S + 1, ... until N seconds or seeds are over. Each finding is made as small as it
// gets and saved as FOLDER/NUMBER/{model.onnx,inputs.npz,finding.txt}; of findings that look the
// same (who, what, operators) only the first. Exits 1 if Assay contradicts itself; disagreements
// with ONNX Runtime are shown and saved. --print shows the graphs, --verbose counts of operators
// and what was refused.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "ir/print.h"
#include "onnx/export.h"
#include "tensor/npz.h"
#include "tests/fuzz/graphs/examine.h"
#include "tests/fuzz/graphs/graph_maker.h"
#include "tests/fuzz/graphs/minimise.h"
#include "tests/fuzz/graphs/watch.h"

namespace assay::fuzz {
namespace {

namespace fs = std::filesystem;

struct Options {
  int64_t seconds = 0;
  uint64_t seeds = 0;
  uint64_t seed = 1;
  std::string onnxruntime;
  fs::path out = "graph_findings";
  bool print = false;
  bool verbose = false;
};

// Prints a finding and saves it with its model and inputs.
void Show(const fs::path& folder, const Case& c, std::string text) {
  text += PrintModel(c.model);
  for (const NamedTensor& input : c.inputs) {
    text += fmt::format("{} = {}\n", input.name, PrintElements(input.tensor, 40));
  }
  fmt::print("{}\n", text);
  std::fflush(stdout);
  fs::create_directories(folder);
  const Status model = SaveModel(c.model, folder / "model.onnx");
  const Status inputs = WriteNpz(folder / "inputs.npz", c.inputs);
  for (const Status& status : {model, inputs}) {
    if (!status.ok()) fmt::print("not saved: {}\n", status.ToString());
  }
  std::ofstream(folder / "finding.txt") << text;
}

// A seed at which the process ended or stood still, as small as it gets.
void ShowCrash(const Options& options, const Progress& progress, const std::string& reason) {
  const uint64_t seed = progress.seed;
  if (progress.subject < static_cast<int>(Subject::kNative)) {
    fmt::print("seed {}: {} in the generator or the reference\n", seed, reason);
    return;
  }
  const auto subject = static_cast<Subject>(progress.subject);
  ThreadPool threads(1);
  GraphMaker::Made made = MakeGraph(seed, threads, nullptr);
  const auto fails = [&](const Case& small) {
    return Dies(60, [&] { Examiner(options.onnxruntime, options.out).Examine(small, subject); });
  };
  const Case small = Minimise({std::move(made.model), std::move(made.inputs)}, fails, threads);
  Show(options.out / fmt::format("{}_crash", seed), small,
       fmt::format("seed {}: {} in {}\n", seed, reason, SubjectName(subject)));
}

class Session {
 public:
  Session(const Options& options, uint64_t first, Progress& progress)
      : options_(options), progress_(progress), examiner_(options.onnxruntime, options.out) {
    fs::create_directories(options.out);
    if (first > options.seed) {
      std::ifstream known(options.out / "signatures.txt");
      for (std::string line; std::getline(known, line);) known_.insert(line);
    } else {
      fs::remove(options.out / "signatures.txt");
    }
  }

  void Run(uint64_t first, int64_t end) {
    const uint64_t last = options_.seeds > 0 ? options_.seed + options_.seeds : UINT64_MAX;
    for (uint64_t seed = first; seed < last && NowSeconds() < end; ++seed) One(seed);
    Summarize();
  }

 private:
  void One(uint64_t seed) {
    progress_.seed = seed;
    progress_.subject = -1;
    progress_.since = NowSeconds();
    std::map<std::string, int> refused;
    GraphMaker::Made made = MakeGraph(seed, examiner_.threads(), &refused);
    for (const auto& [message, count] : refused) refused_[message.substr(0, 60)] += count;
    const Case c = {std::move(made.model), std::move(made.inputs)};
    if (options_.print) fmt::print("seed {}:\n{}\n", seed, PrintModel(c.model));
    if (c.model.graph.outputs.empty()) return;
    ++graphs_;
    for (const Node& node : c.model.graph.nodes) ++operators_[node.op];
    for (const Subject subject : examiner_.Subjects()) {
      progress_.subject = static_cast<int>(subject);
      const std::optional<Finding> finding = examiner_.Examine(c, subject);
      if (finding) Report(seed, c, *finding);
      if (finding && subject == Subject::kReference) return;
    }
  }

  void Report(uint64_t seed, const Case& c, const Finding& finding) {
    const auto fails = [&](const Case& small) {
      progress_.since = NowSeconds();
      const auto again = examiner_.Examine(small, finding.subject);
      return again && again->what == finding.what && again->tie == finding.tie;
    };
    const Case small = Minimise(c, fails, examiner_.threads());
    const Finding last = examiner_.Examine(small, finding.subject).value_or(finding);
    std::set<std::string> ops;
    for (const Node& node : small.model.graph.nodes) ops.insert(node.op);
    const std::string signature = fmt::format("{} {}{}: {}", SubjectName(last.subject), last.what,
                                              last.tie ? " (tie)" : "", fmt::join(ops, ", "));
    if (signatures_[signature]++ > 0 || known_.contains(signature)) return;
    std::ofstream(options_.out / "signatures.txt", std::ios::app) << signature << "\n";
    if (last.subject != Subject::kOnnxRuntime && !last.tie)
      progress_.findings = progress_.findings + 1;
    std::string text = fmt::format("seed {}: {}\n{}\n", seed, signature, last.detail);
    if (last.subject == Subject::kOnnxRuntime && !examiner_.DiffersUnoptimized(small)) {
      text += "(not with its graph optimizations disabled)\n";
    }
    Show(options_.out / fmt::format("{}_{}", seed, signatures_.size() + known_.size()), small,
         std::move(text));
  }

  void Summarize() const {
    fmt::print("{} graphs, {} run by ONNX Runtime\n", graphs_, examiner_.ran());
    const auto list = [](const char* title, const std::map<std::string, int>& counts) {
      fmt::print("{}:\n", title);
      std::vector<std::pair<int, std::string>> sorted;
      for (const auto& [name, count] : counts) sorted.emplace_back(count, name);
      std::ranges::sort(sorted, std::greater());
      for (const auto& [count, name] : sorted) fmt::print("  {:6} {}\n", count, name);
    };
    list("findings", signatures_);
    if (!options_.verbose) return;
    list("operators", operators_);
    list("refused by the reference", refused_);
    list("not run by ONNX Runtime", examiner_.not_run());
  }

  const Options& options_;
  Progress& progress_;
  Examiner examiner_;
  int graphs_ = 0;
  std::map<std::string, int> operators_;
  std::map<std::string, int> refused_;
  std::map<std::string, int> signatures_;
  std::set<std::string> known_;  // signatures found before a crash
};

bool ReadOptions(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--print" || name == "--verbose") {
      (name == "--print" ? options.print : options.verbose) = true;
      continue;
    }
    if (i + 1 == argc) return false;
    const char* value = argv[++i];
    if (name == "--seconds") {
      options.seconds = std::atoll(value);
    } else if (name == "--seeds") {
      options.seeds = std::strtoull(value, nullptr, 10);
    } else if (name == "--seed") {
      options.seed = std::strtoull(value, nullptr, 10);
    } else if (name == "--onnxruntime") {
      options.onnxruntime = value;
    } else if (name == "--out") {
      options.out = value;
    } else {
      return false;
    }
  }
  return options.seconds > 0 || options.seeds > 0;
}

int Main(int argc, char** argv) {
  Options options;
  if (!ReadOptions(argc, argv, options)) {
    fmt::print(stderr,
               "usage: assay_graph_fuzz [--seconds N] [--seeds N] [--seed S] [--onnxruntime LIB] "
               "[--out FOLDER] [--print] [--verbose]\n");
    return 2;
  }
  const int64_t end = options.seconds > 0 ? NowSeconds() + options.seconds : INT64_MAX;
  const int findings = Watch(
      options.seed, 120,
      [&](uint64_t first, Progress& progress) {
        Session(options, first, progress).Run(first, end);
      },
      [&](const Progress& progress, const std::string& reason) {
        ShowCrash(options, progress, reason);
        return progress.subject != static_cast<int>(Subject::kOnnxRuntime);
      });
  return findings > 0 ? 1 : 0;
}

}  // namespace
}  // namespace assay::fuzz

int main(int argc, char** argv) { return assay::fuzz::Main(argc, argv); }
