#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace assay {

// Equal pieces of scratch memory for the bodies of a parallel loop, all allocated beforehand on the
// calling thread, where running out of memory is an ordinary error. A pool of threads() pieces
// never runs dry: no loop has more bodies under way.
class ScratchPool {
  struct Free {
    void operator()(double* p) const { ::operator delete[](p, std::align_val_t{64}); }
  };
  using Piece = std::unique_ptr<double[], Free>;

 public:
  ScratchPool(int pieces, size_t doubles) {
    for (int i = 0; i < pieces; ++i) {
      free_.emplace_back(
          static_cast<double*>(::operator new[](doubles * sizeof(double), std::align_val_t{64})));
    }
  }

  // A piece on loan, aligned to 64 bytes; goes back when destroyed. Contents are unspecified.
  class Loan {
   public:
    explicit Loan(ScratchPool& pool) : pool_(pool), piece_(pool.Take()) {}
    ~Loan() { pool_.Return(std::move(piece_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    double* data() { return piece_.get(); }

   private:
    ScratchPool& pool_;
    Piece piece_;
  };

 private:
  Piece Take() {
    const std::lock_guard lock(mutex_);
    Piece piece = std::move(free_.back());
    free_.pop_back();
    return piece;
  }
  void Return(Piece piece) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(piece));
  }

  std::mutex mutex_;
  std::vector<Piece> free_;
};

}  // namespace assay
