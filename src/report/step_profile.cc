#include "report/step_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace assay {
namespace {

constexpr size_t kMostLines = 25;

std::string NodesText(const std::vector<std::string>& nodes) {
  if (nodes.empty()) return "(added by a pass)";
  constexpr size_t kMostNodes = 3;
  std::string text = fmt::format(
      "{}", fmt::join(nodes.begin(), nodes.begin() + std::min(nodes.size(), kMostNodes), " + "));
  if (nodes.size() > kMostNodes) text += fmt::format(" + {} more", nodes.size() - kMostNodes);
  return text;
}

}  // namespace

double MedianOf(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double StepProfile::Line::median_seconds() const { return seconds.empty() ? 0 : MedianOf(seconds); }

void StepProfile::Add(const std::vector<StepTime>& steps) {
  bool same = lines_.size() == steps.size();
  for (size_t i = 0; same && i < steps.size(); ++i) {
    same = lines_[i].tactic == steps[i].tactic && lines_[i].nodes == steps[i].nodes;
  }
  if (!same) {
    lines_.clear();
    for (const StepTime& step : steps) lines_.push_back({step.nodes, step.tactic, {}});
  }
  for (size_t i = 0; i < steps.size(); ++i) lines_[i].seconds.push_back(steps[i].seconds);
}

double StepProfile::total_seconds() const {
  double total = 0;
  for (const Line& line : lines_) total += line.median_seconds();
  return total;
}

std::string StepProfile::ToString() const {
  const double total = total_seconds();
  const auto share = [&](double seconds) { return total > 0 ? 100 * seconds / total : 0; };
  std::vector<const Line*> slowest;
  std::map<std::string, std::pair<int, double>> by_tactic;
  for (const Line& line : lines_) {
    slowest.push_back(&line);
    auto& [count, seconds] = by_tactic[line.tactic];
    ++count;
    seconds += line.median_seconds();
  }
  std::ranges::stable_sort(slowest, [](const Line* a, const Line* b) {
    return a->median_seconds() > b->median_seconds();
  });
  std::string text = fmt::format("{} steps, {:.3f} ms (medians of {} runs)\n", lines_.size(),
                                 total * 1e3, lines_.empty() ? 0 : lines_[0].seconds.size());
  text += fmt::format("{:>10} {:>6}  {:38} {}\n", "ms", "%", "tactic", "nodes of the model");
  for (size_t i = 0; i < std::min(slowest.size(), kMostLines); ++i) {
    const double seconds = slowest[i]->median_seconds();
    text += fmt::format("{:10.3f} {:6.1f}  {:38} {}\n", seconds * 1e3, share(seconds),
                        slowest[i]->tactic, NodesText(slowest[i]->nodes));
  }
  if (slowest.size() > kMostLines) {
    text += fmt::format("{:>10} {} more steps\n", "", slowest.size() - kMostLines);
  }
  std::vector<std::pair<std::string, std::pair<int, double>>> tactics(by_tactic.begin(),
                                                                      by_tactic.end());
  std::ranges::stable_sort(
      tactics, [](const auto& a, const auto& b) { return a.second.second > b.second.second; });
  text += "By tactic:";
  for (const auto& [tactic, sum] : tactics) {
    text += fmt::format("\n{:10.3f} {:6.1f}  {:38} {} step(s)", sum.second * 1e3, share(sum.second),
                        tactic, sum.first);
  }
  return text;
}

}  // namespace assay
