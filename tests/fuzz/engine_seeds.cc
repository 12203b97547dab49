// Writes small engine files into a folder, for the fuzzer to start from.

#include <cstdio>
#include <filesystem>

#include "plan/test_networks.h"
#include "runtime/engine.h"
#include "runtime/test_models.h"

namespace assay {
namespace {

bool Save(const std::shared_ptr<const Model>& model, const EngineOptions& options,
          const std::filesystem::path& path) {
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(model, options);
  const Status saved = engine.ok() ? (*engine)->Save(path) : engine.status();
  if (!saved.ok()) std::fprintf(stderr, "%s\n", saved.ToString().c_str());
  return saved.ok();
}

bool SaveAll(const std::filesystem::path& folder) {
  const Shape small = {1, 3, 8, 8};
  const ShapeProfile profiles[] = {{{small, small, small}},
                                   {{small, {1, 3, 9, 16}, {2, 3, 16, 16}}}};
  for (size_t i = 0; i < std::size(profiles); ++i) {
    for (const bool portable : {false, true}) {
      EngineOptions options;
      options.profile = profiles[i];
      if (portable) options.cpu = CpuFeatures{};
      const std::string name = "seed" + std::to_string(i) + (portable ? "p" : "") + ".engine";
      if (!Save(BranchingNetwork(), options, folder / name)) return false;
    }
  }
  EngineOptions rows;
  rows.profile = {{{1, 3}, {2, 3}, {8, 3}}};
  EngineOptions four;
  four.profile = {{{4}, {4}, {4}}};
  return Save(BranchOnShape(), rows, folder / "branch.engine") &&
         Save(Selection(), four, folder / "selection.engine") &&
         Save(GrowingLoop(), {}, folder / "loop.engine") &&
         Save(StringJoin(), {}, folder / "strings.engine") &&
         Save(SequencesAndOptionals(), {}, folder / "sequences.engine");
}

}  // namespace
}  // namespace assay

int main(int count, char** arguments) {
  if (count != 2) return 2;
  return assay::SaveAll(arguments[1]) ? 0 : 1;
}
