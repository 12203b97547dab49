#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/monitor.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "runners/model_source.h"
#include "runners/named_shapes.h"
#include "runners/native/requested_profile.h"
#include "runners/runner.h"

namespace assay {

// What concerns Assay's own engine.
struct EngineRequest {
  std::string save_path;  // empty: not saved
  std::vector<std::string> disabled_passes;
  bool profile_steps = false;
  ProfileRequest profile;
};

// Everything a runner may need to know; each takes what concerns it.
struct RunnerRequest {
  std::shared_ptr<ModelSource> model;
  NamedShapes input_shapes;                      // of --input-shapes
  std::vector<std::string> providers = {"cpu"};  // ONNX Runtime execution providers
  std::string onnxruntime_library;               // path; empty: the one found at set-up
  std::string graph_optimization_level;          // "", "disable", "basic", "extended", "all"
  bool tf32 = false;
  EngineRequest engine;
  bool typed_reference = false;  // reference: round every tensor to its declared type
  LogSink* log = nullptr;
  Monitor monitor;
  std::shared_ptr<ThreadPool> threads;
};

struct RunnerDef {
  std::string_view flag;    // "onnxrt": selected by --onnxrt
  std::string_view prefix;  // "onnxrt-runner": start of the names of its instances
  std::string_view help;
  Result<std::unique_ptr<Runner>> (*create)(const RunnerRequest& request);
  bool is_truth = false;           // what others are measured against
  bool runs_engine_files = false;  // others run ONNX models only
};

std::span<const RunnerDef> AllRunners();

}  // namespace assay
