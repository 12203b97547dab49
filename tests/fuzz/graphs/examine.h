#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/fuzz/graphs/judge.h"

namespace assay::fuzz {

// Who is held against the reference, and against whom else.
enum class Subject {
  kReference,  // evaluates what the generator made
  kNative,
  kNativeWithoutPasses,
  kThreads,    // one thread against three
  kRoundTrip,  // written and read again
  kOnnxRuntime,
};
std::string_view SubjectName(Subject subject);
inline constexpr Subject kSubjects[] = {Subject::kReference,           Subject::kNative,
                                        Subject::kNativeWithoutPasses, Subject::kThreads,
                                        Subject::kRoundTrip,           Subject::kOnnxRuntime};

struct Finding {
  Subject subject = Subject::kReference;
  std::string what;  // as of Difference, or "error"
  std::string detail;
  bool tie = false;
};

// Runs cases through everything there is.
class Examiner {
 public:
  // `onnxruntime`: path of the library; empty: without. `folder` gets a model that ONNX Runtime
  // reads.
  Examiner(std::string onnxruntime, std::filesystem::path folder);

  std::vector<Subject> Subjects() const;
  std::optional<Finding> Examine(const Case& c, Subject subject);
  // Where ONNX Runtime alone differs: whether it does without its own rewriting of the graph too.
  bool DiffersUnoptimized(const Case& c);
  ThreadPool& threads() { return *one_; }

  // Models that ONNX Runtime ran, and the reasons why it does not run others.
  int ran() const { return ran_; }
  const std::map<std::string, int>& not_run() const { return not_run_; }

 private:
  std::optional<Finding> ExamineOnnxRuntime(const Case& c, Truth& truth);
  std::optional<Finding> ExamineThreads(const Case& c);
  std::optional<Finding> ExamineRoundTrip(const Case& c);

  std::string onnxruntime_;
  std::filesystem::path folder_;
  std::shared_ptr<ThreadPool> one_ = std::make_shared<ThreadPool>(1);
  std::shared_ptr<ThreadPool> three_ = std::make_shared<ThreadPool>(3);
  int ran_ = 0;
  std::map<std::string, int> not_run_;
};

}  // namespace assay::fuzz
