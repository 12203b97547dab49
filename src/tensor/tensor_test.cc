#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace assay {
namespace {

TEST(TensorView, AlignedMemoryIsUsedInPlace) {
  auto floats = std::make_shared<std::vector<float>>(std::vector<float>{1.5f, -2.0f});
  const Tensor view = Tensor::View(DType::kFloat32, Shape{2}, floats->data(), floats);
  EXPECT_EQ(view.raw(), floats->data());
}

TEST(TensorView, MisalignedElementsReadTheSameAndCopyOnce) {
  auto bytes = std::make_shared<std::vector<std::byte>>(1 + 3 * sizeof(double));
  const double values[] = {1.5, -2.25, 1e300};
  std::memcpy(bytes->data() + 1, values, sizeof(values));
  const Tensor view = Tensor::View(DType::kFloat64, Shape{3}, bytes->data() + 1, bytes);
  const Tensor other = view.Reshaped(Shape{3, 1});

  EXPECT_EQ(view.bytes().data(), bytes->data() + 1);
  EXPECT_NE(view.raw(), bytes->data() + 1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(view.raw()) % alignof(double), 0u);
  EXPECT_EQ(view.raw(), other.raw());
  EXPECT_EQ(std::vector<double>(view.data<double>().begin(), view.data<double>().end()),
            std::vector<double>({1.5, -2.25, 1e300}));
  EXPECT_EQ(view.ValueAsDouble(1), -2.25);
}

TEST(TensorView, MisalignedCopyIsMadeOnceByManyThreads) {
  auto bytes = std::make_shared<std::vector<std::byte>>(1 + 1024 * sizeof(float));
  const Tensor view = Tensor::View(DType::kFloat32, Shape{1024}, bytes->data() + 1, bytes);
  std::vector<const void*> seen(8);
  std::vector<std::thread> threads;
  for (const void*& pointer : seen) threads.emplace_back([&] { pointer = view.raw(); });
  for (std::thread& thread : threads) thread.join();
  for (const void* pointer : seen) EXPECT_EQ(pointer, seen[0]);
}

TEST(TensorView, KeepsItsMemoryAlive) {
  std::weak_ptr<std::vector<std::byte>> watch;
  Tensor view;
  {
    auto bytes = std::make_shared<std::vector<std::byte>>(9);
    watch = bytes;
    view = Tensor::View(DType::kFloat32, Shape{2}, bytes->data() + 1, bytes);
  }
  EXPECT_FALSE(watch.expired());
  view = Tensor();
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace assay
