#include "plan/engine_graph_reader.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>
#include <plan/engine_generated.h>

#include <algorithm>
#include <set>

#include "base/zero_pages.h"
#include "ir/captures.h"
#include "plan/engine_layout.h"
#include "plan/table_list.h"

namespace assay {
namespace {

bool IsAbsent(const file::Tensor& tensor) {
  return tensor.blob() < 0 && static_cast<DType>(tensor.dtype()) != DType::kString;
}

// What all graphs of a file share. A file that Assay writes names every piece of its table once;
// one that is made to fill the memory would name the same piece many times.
class Source {
 public:
  explicit Source(const EngineData& data) : data_(data), unread_(data.table_bytes) {}

  bool is_overdrawn() const { return is_overdrawn_; }

  std::string TextOf(const flatbuffers::String* text) {
    return text == nullptr || !Take(text->size()) ? "" : text->str();
  }

  template <typename T>
  std::vector<T> ListOf(const flatbuffers::Vector<T>* list) {
    if (list == nullptr || !Take(list->size() * sizeof(T))) return {};
    return CopyOfList<T>(list);
  }

  std::vector<std::string> TextsOf(
      const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list) {
    std::vector<std::string> texts;
    if (list == nullptr || !Take(list->size() * sizeof(flatbuffers::uoffset_t))) return texts;
    for (const flatbuffers::String* text : *list) texts.push_back(TextOf(text));
    return texts;
  }

  // Memory for the constants of which only the packed form is there.
  Status MakeRoomForAbsent(const file::Graph& graph) {
    size_t most = 0;
    for (const file::Value* value : *graph.values()) {
      const file::Tensor* constant = value->constant();
      if (constant == nullptr || !IsAbsent(*constant)) continue;
      const std::optional<int64_t> elements = ShapeOf(*constant).CheckedElements();
      const bool fits = constant->dtype() > 0 && constant->dtype() < kDTypeCount && elements &&
                        *elements <= static_cast<int64_t>(data_.file_bytes);
      if (!fits) return DamagedEngine("a weight is larger than the file");
      most = std::max(most, Tensor::ByteSize(static_cast<DType>(constant->dtype()), *elements));
    }
    ASSAY_ASSIGN_OR_RETURN(absent_, MapZeroPages(most));
    return OkStatus();
  }

  Result<Tensor> TensorOf(const file::Tensor& tensor, bool may_be_absent) {
    const auto dtype = static_cast<DType>(tensor.dtype());
    if (tensor.dtype() == 0 || tensor.dtype() >= kDTypeCount) {
      return DamagedEngine(fmt::format("unknown element type {}", tensor.dtype()));
    }
    Shape shape(ListOf(tensor.shape()));
    const std::optional<int64_t> elements = shape.CheckedElements();
    if (!elements) return DamagedEngine("a tensor has an impossible shape");
    if (dtype == DType::kString) return StringsOf(tensor, std::move(shape));
    if (tensor.blob() < 0 && may_be_absent) {
      return Tensor::View(dtype, std::move(shape), absent_.get(), absent_);
    }
    if (tensor.blob() < 0 || tensor.blob() >= static_cast<int>(data_.blobs.size())) {
      return DamagedEngine("a tensor has no data");
    }
    const auto bytes = data_.blobs[static_cast<size_t>(tensor.blob())];
    // The smallest elements have two bits; with more of them than that, 64 bits do not hold the
    // size.
    const bool fits = *elements / 4 <= static_cast<int64_t>(bytes.size());
    if (!fits || bytes.size() != Tensor::ByteSize(dtype, *elements)) {
      return DamagedEngine(fmt::format("data of a tensor: expected {} {}, got {} bytes",
                                       DTypeName(dtype), shape.ToString(), bytes.size()));
    }
    return Tensor::View(dtype, std::move(shape), bytes.data(), data_.owner);
  }

  Result<SymbolicShape> DimsOf(const flatbuffers::Vector<flatbuffers::Offset<file::Dim>>& dims) {
    SymbolicShape shape;
    for (const file::Dim* dim : dims) {
      if (dim->symbol() != nullptr) {
        // Version 1.0 called what is not known by this name.
        const std::string symbol = TextOf(dim->symbol());
        shape.push_back(symbol == "?" ? Dim::Unknown() : Dim::Symbol(symbol));
      } else if (dim->value() >= 0) {
        shape.emplace_back(dim->value());
      } else if (dim->value() == -1) {
        shape.push_back(Dim::Unknown());
      } else {
        return DamagedEngine("an input has an impossible shape");
      }
    }
    return shape;
  }

  Result<ValueType> TypeOf(const file::ValueType& table, int depth = 0) {
    ValueType type;
    switch (table.kind()) {
      case 0:
        if (table.dtype() >= kDTypeCount) break;
        type = ValueType::TensorOf(static_cast<DType>(table.dtype()));
        if (table.dims() != nullptr) {
          ASSAY_ASSIGN_OR_RETURN(type.shape, DimsOf(*table.dims()));
        }
        return type;
      case 1:
      case 2: {
        if (table.element() == nullptr || depth >= kMostNested) break;
        type.kind = table.kind() == 1 ? ValueType::Kind::kSequence : ValueType::Kind::kOptional;
        ASSAY_ASSIGN_OR_RETURN(ValueType element, TypeOf(*table.element(), depth + 1));
        type.element = std::make_shared<const ValueType>(std::move(element));
        return type;
      }
      default:
        break;
    }
    return DamagedEngine("an impossible type");
  }

 private:
  bool Take(size_t bytes) {
    is_overdrawn_ = is_overdrawn_ || bytes > unread_;
    if (!is_overdrawn_) unread_ -= bytes;
    return !is_overdrawn_;
  }

  static Shape ShapeOf(const file::Tensor& tensor) {
    return Shape(CopyOfList<int64_t>(tensor.shape()));
  }

  Result<Tensor> StringsOf(const file::Tensor& table, Shape shape) {
    std::vector<std::string> strings = TextsOf(table.strings());
    if (static_cast<int64_t>(strings.size()) != shape.elements()) {
      return DamagedEngine(fmt::format("strings of a tensor: expected {}, got {}", shape.elements(),
                                       strings.size()));
    }
    ASSAY_ASSIGN_OR_RETURN(Tensor tensor, Tensor::TryAllocate(DType::kString, std::move(shape)));
    std::ranges::move(strings, tensor.mutable_data<std::string>().begin());
    return tensor;
  }

  const EngineData& data_;
  size_t unread_;  // bytes of texts and lists that the table can still have
  bool is_overdrawn_ = false;
  std::shared_ptr<const void> absent_;
};

// One graph, the model's (depth 0) or a body.
class GraphReader {
 public:
  GraphReader(Source& source, int depth) : source_(source), depth_(depth) {}

  Result<Graph> Read(const file::Graph* table) {
    if (table == nullptr || table->values() == nullptr || table->nodes() == nullptr) {
      return DamagedEngine("it has no graph");
    }
    if (depth_ > kMostNested) return DamagedEngine("its graphs are nested without end");
    graph_.name = source_.TextOf(table->name());
    for (const file::Value* value : *table->values()) ASSAY_RETURN_IF_ERROR(ReadValue(*value));
    for (const Value& value : graph_.values) is_defined_.push_back(value.constant ? 1 : 0);
    graph_.inputs = source_.ListOf(table->inputs());
    graph_.outputs = source_.ListOf(table->outputs());
    for (const ValueId id : graph_.inputs) ASSAY_RETURN_IF_ERROR(Define(id));
    ASSAY_RETURN_IF_ERROR(ReadCaptures(*table));
    for (const file::Node* node : *table->nodes()) ASSAY_RETURN_IF_ERROR(ReadNode(*node));
    for (const ValueId id : graph_.outputs) {
      if (!IsDefined(id)) return DamagedEngine("an output is not defined");
    }
    return std::move(graph_);
  }

 private:
  Status ReadValue(const file::Value& table) {
    Value value;
    value.name = source_.TextOf(table.name());
    if (table.constant() != nullptr) {
      ASSAY_ASSIGN_OR_RETURN(Tensor tensor,
                             source_.TensorOf(*table.constant(), /*may_be_absent=*/depth_ == 0));
      value.type = ValueType::TensorOf(tensor.dtype(), ToSymbolic(tensor.shape()));
      value.constant = std::move(tensor);
    } else if (table.type() != nullptr) {
      ASSAY_ASSIGN_OR_RETURN(value.type, source_.TypeOf(*table.type()));
    } else {
      if (table.dtype() >= kDTypeCount) {
        return DamagedEngine("an input has an unknown element type");
      }
      value.type = ValueType::TensorOf(static_cast<DType>(table.dtype()));
      if (table.dims() != nullptr) {
        ASSAY_ASSIGN_OR_RETURN(value.type.shape, source_.DimsOf(*table.dims()));
      }
    }
    graph_.values.push_back(std::move(value));
    return OkStatus();
  }

  Status ReadCaptures(const file::Graph& table) {
    for (const ValueId id : source_.ListOf(table.captures())) {
      if (depth_ == 0) return DamagedEngine("it captures values, but there is no graph around it");
      ASSAY_RETURN_IF_ERROR(Define(id));
      graph_.captures.emplace_back(id, graph_.value(id).name);
    }
    return OkStatus();
  }

  Result<Attribute> ReadAttribute(const file::Attribute& table) {
    Attribute attribute;
    attribute.name = source_.TextOf(table.name());
    ASSAY_ASSIGN_OR_RETURN(std::optional<AttributeValue> value, ReadAttributeValue(table));
    if (!value) return DamagedEngine("attribute \"" + attribute.name + "\" has no value");
    attribute.value = *std::move(value);
    return attribute;
  }

  Result<std::optional<AttributeValue>> ReadAttributeValue(const file::Attribute& table) {
    std::optional<AttributeValue> value;
    switch (table.kind()) {
      case 0:
        return std::optional<AttributeValue>(table.int_value());
      case 1:
        return std::optional<AttributeValue>(table.float_value());
      case 2:
        return std::optional<AttributeValue>(source_.TextOf(table.text()));
      case 3: {
        if (table.tensor() == nullptr) return value;
        ASSAY_ASSIGN_OR_RETURN(value, source_.TensorOf(*table.tensor(), /*may_be_absent=*/false));
        return value;
      }
      case 4:
        return std::optional<AttributeValue>(source_.ListOf(table.ints()));
      case 5:
        return std::optional<AttributeValue>(source_.ListOf(table.floats()));
      case 6:
        return std::optional<AttributeValue>(source_.TextsOf(table.texts()));
      case 7: {
        ASSAY_ASSIGN_OR_RETURN(Graph body, GraphReader(source_, depth_ + 1).Read(table.graph()));
        return std::optional<AttributeValue>(std::make_shared<const Graph>(std::move(body)));
      }
      case 8:
        return ReadTensors(table);
      case 9: {
        if (table.type() == nullptr) return value;
        ASSAY_ASSIGN_OR_RETURN(value, source_.TypeOf(*table.type()));
        return value;
      }
      default:
        return value;
    }
  }

  Result<std::optional<AttributeValue>> ReadTensors(const file::Attribute& table) {
    std::vector<Tensor> tensors;
    if (table.tensors() == nullptr) return std::optional<AttributeValue>(std::move(tensors));
    for (const file::Tensor* tensor : *table.tensors()) {
      ASSAY_ASSIGN_OR_RETURN(Tensor read, source_.TensorOf(*tensor, /*may_be_absent=*/false));
      tensors.push_back(std::move(read));
    }
    return std::optional<AttributeValue>(std::move(tensors));
  }

  bool IsDefined(ValueId id) const {
    return id >= 0 && static_cast<size_t>(id) < is_defined_.size() &&
           is_defined_[static_cast<size_t>(id)] != 0;
  }
  Status Define(ValueId id) {
    if (id < 0 || static_cast<size_t>(id) >= graph_.values.size() || IsDefined(id)) {
      return DamagedEngine("a value is defined twice or does not exist");
    }
    is_defined_[static_cast<size_t>(id)] = 1;
    return OkStatus();
  }

  // That the last inputs of a node are what its bodies capture.
  static Status CheckCaptured(const Node& node) {
    size_t captures = 0;
    for (const auto& body : BodiesOf(node)) captures += body->captures.size();
    if (node.captured < 0 || static_cast<size_t>(node.captured) != captures ||
        captures > node.inputs.size()) {
      return DamagedEngine(fmt::format("captured inputs of {}: expected {}, got {}",
                                       NodeText(node.name, node.op), captures, node.captured));
    }
    if (std::find(node.inputs.end() - node.captured, node.inputs.end(), kNoValue) !=
        node.inputs.end()) {
      return DamagedEngine("a captured value is left out");
    }
    return OkStatus();
  }

  Status ReadAttributes(const file::Node& table, Node& node) {
    if (table.attributes() == nullptr) return OkStatus();
    std::set<std::string> seen;
    for (const file::Attribute* attribute : *table.attributes()) {
      ASSAY_ASSIGN_OR_RETURN(Attribute read, ReadAttribute(*attribute));
      if (!seen.insert(read.name).second) {
        return DamagedEngine("attribute \"" + read.name + "\" is given twice");
      }
      node.attributes.push_back(std::move(read));
    }
    return OkStatus();
  }

  Status ReadNode(const file::Node& table) {
    Node node;
    node.name = source_.TextOf(table.name());
    node.op = source_.TextOf(table.op());
    node.domain = source_.TextOf(table.domain());
    node.opset = table.opset();
    node.inputs = source_.ListOf(table.inputs());
    node.captured = table.captured();
    node.outputs = source_.ListOf(table.outputs());
    for (const ValueId id : node.inputs) {
      if (id != kNoValue && !IsDefined(id)) {
        return DamagedEngine("a node reads a value that is not defined before it");
      }
    }
    for (const ValueId id : node.outputs) {
      if (id != kNoValue) ASSAY_RETURN_IF_ERROR(Define(id));
    }
    ASSAY_RETURN_IF_ERROR(ReadAttributes(table, node));
    ASSAY_RETURN_IF_ERROR(CheckCaptured(node));
    node.origins = source_.TextsOf(table.origins());
    graph_.AddNode(std::move(node));
    return OkStatus();
  }

  Source& source_;
  const int depth_;
  Graph graph_;
  std::vector<char> is_defined_;  // per value
};

}  // namespace

Status DamagedEngine(std::string message) {
  return Status(StatusCode::kInvalidInput, "engine file: " + std::move(message),
                "the file is damaged: build the engine again");
}

Result<FileGraph> ReadFileGraph(const file::Graph* table, const EngineData& data) {
  Source source(data);
  if (table != nullptr && table->values() != nullptr) {
    ASSAY_RETURN_IF_ERROR(source.MakeRoomForAbsent(*table));
  }
  Result<Graph> graph = GraphReader(source, 0).Read(table);
  if (source.is_overdrawn()) {
    return DamagedEngine("it refers to a piece of its table many times");
  }
  FileGraph result;
  ASSAY_ASSIGN_OR_RETURN(result.graph, std::move(graph));
  for (const file::Value* value : *table->values()) {
    const file::Tensor* constant = value->constant();
    result.is_absent.push_back(constant != nullptr && IsAbsent(*constant) ? 1 : 0);
  }
  return result;
}

}  // namespace assay
