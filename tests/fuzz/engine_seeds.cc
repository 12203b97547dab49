// Writes small engine files into a folder, for the fuzzer to start from.

#include <cstdio>
#include <filesystem>

#include "plan/test_networks.h"
#include "runtime/engine.h"

int main(int count, char** arguments) {
  using namespace assay;
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  const Shape small = {1, 3, 8, 8};
  const ShapeProfile profiles[] = {{{small, small, small}},
                                   {{small, {1, 3, 9, 16}, {2, 3, 16, 16}}}};
  for (size_t i = 0; i < std::size(profiles); ++i) {
    for (const bool portable : {false, true}) {
      EngineOptions options;
      options.profile = profiles[i];
      if (portable) options.cpu = CpuFeatures{};
      const Result<std::shared_ptr<Engine>> engine = Engine::Build(BranchingNetwork(), options);
      if (!engine.ok()) return 1;
      const std::string name = "seed" + std::to_string(i) + (portable ? "p" : "") + ".engine";
      const Status saved = (*engine)->Save(folder / name);
      if (!saved.ok()) {
        std::fprintf(stderr, "%s\n", saved.ToString().c_str());
        return 1;
      }
    }
  }
  return 0;
}
