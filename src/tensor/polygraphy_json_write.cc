#include <fmt/format.h>

#include <cmath>

#include "base/file.h"
#include "tensor/base64.h"
#include "tensor/npy.h"
#include "tensor/number_text.h"
#include "tensor/polygraphy_json.h"
#include "tensor/utf8.h"

namespace assay {
namespace {

// A string literal as Python's json module writes it: ASCII only.
Result<std::string> Quoted(std::string_view text) {
  std::string out = "\"";
  for (std::string_view rest = text; !rest.empty();) {
    const std::optional<uint32_t> code_point = TakeUtf8(rest);
    if (!code_point) {
      return Status(StatusCode::kInvalidInput, "JSON: expected a name in UTF-8, got other bytes",
                    "save to a .npz file instead");
    }
    switch (*code_point) {
      case '"':
        out += "\\\"";
        continue;
      case '\\':
        out += "\\\\";
        continue;
      case '\n':
        out += "\\n";
        continue;
      case '\r':
        out += "\\r";
        continue;
      case '\t':
        out += "\\t";
        continue;
      case '\f':
        out += "\\f";
        continue;
      case '\b':
        out += "\\b";
        continue;
      default:
        break;
    }
    if (*code_point >= 0x20 && *code_point < 0x80) {
      out += static_cast<char>(*code_point);
    } else if (*code_point < 0x10000) {
      out += fmt::format("\\u{:04x}", *code_point);
    } else {
      const uint32_t offset = *code_point - 0x10000;
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (offset >> 10), 0xDC00 + (offset & 0x3FF));
    }
  }
  out += '"';
  return out;
}

std::string NumberText(const std::optional<double>& value) {
  if (!value) return "null";
  if (std::isnan(*value)) return "NaN";
  if (std::isinf(*value)) return *value > 0 ? "Infinity" : "-Infinity";
  return PythonRepr(*value);
}

// Writes JSON with Python's indentation of four spaces.
class JsonFile {
 public:
  explicit JsonFile(AtomicFile file) : file_(std::move(file)) {}

  Status Open(char bracket) {
    ++depth_;
    empty_ = true;
    return Text(std::string_view(&bracket, 1));
  }
  Status Close(char bracket) {
    --depth_;
    if (!empty_) ASSAY_RETURN_IF_ERROR(NewLine());
    empty_ = false;
    return Text(std::string_view(&bracket, 1));
  }
  // Goes to the place of the next item of the innermost list or object.
  Status Item() {
    if (!empty_) ASSAY_RETURN_IF_ERROR(Text(","));
    empty_ = false;
    return NewLine();
  }
  Status Key(std::string_view key) {
    ASSAY_RETURN_IF_ERROR(Item());
    ASSAY_ASSIGN_OR_RETURN(const std::string quoted, Quoted(key));
    ASSAY_RETURN_IF_ERROR(Text(quoted));
    return Text(": ");
  }
  Status String(std::string_view text) {
    ASSAY_ASSIGN_OR_RETURN(const std::string quoted, Quoted(text));
    return Text(quoted);
  }
  Status Text(std::string_view text) { return file_.Write(text); }
  Status ClassAndClose(std::string_view class_name) {
    ASSAY_RETURN_IF_ERROR(Key("polygraphy_class"));
    ASSAY_RETURN_IF_ERROR(String(class_name));
    return Close('}');
  }

  Status Array(const Tensor& tensor) {
    ASSAY_ASSIGN_OR_RETURN(const NpyParts parts, EncodeNpy(tensor));
    ASSAY_RETURN_IF_ERROR(Open('{'));
    ASSAY_RETURN_IF_ERROR(Key("array"));
    ASSAY_RETURN_IF_ERROR(Text("\""));
    Base64Writer base64(file_);
    ASSAY_RETURN_IF_ERROR(base64.Write(std::as_bytes(std::span(parts.header))));
    ASSAY_RETURN_IF_ERROR(base64.Write(parts.elements));
    ASSAY_RETURN_IF_ERROR(base64.Finish());
    ASSAY_RETURN_IF_ERROR(Text("\""));
    return ClassAndClose("ndarray");
  }
  Status Commit() { return file_.Commit(); }

 private:
  Status NewLine() {
    std::string text(1 + 4 * depth_, ' ');
    text.front() = '\n';
    return Text(text);
  }

  AtomicFile file_;
  size_t depth_ = 0;
  bool empty_ = true;  // nothing stands yet in the innermost list or object
};

Result<JsonFile> CreateJson(const std::filesystem::path& path) {
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  return JsonFile(std::move(file));
}

Status WriteNamedArrays(JsonFile& json, const TensorMap& map, std::string_view what, bool lazy) {
  ASSAY_RETURN_IF_ERROR(json.Open('{'));
  for (const NamedTensor& item : map) {
    const std::string where = fmt::format("{} \"{}\"", what, item.name);
    if (Status status = json.Key(item.name); !status.ok()) return status.WithContext(where);
    if (lazy) {
      ASSAY_RETURN_IF_ERROR(json.Open('{'));
      ASSAY_RETURN_IF_ERROR(json.Key("values"));
    }
    if (Status status = json.Array(item.tensor); !status.ok()) return status.WithContext(where);
    if (lazy) ASSAY_RETURN_IF_ERROR(json.ClassAndClose("LazyArray"));
  }
  return json.Close('}');
}

Status WriteIteration(JsonFile& json, const RecordedIteration& iteration) {
  ASSAY_RETURN_IF_ERROR(json.Open('{'));
  ASSAY_RETURN_IF_ERROR(json.Key("outputs"));
  ASSAY_RETURN_IF_ERROR(WriteNamedArrays(json, iteration.outputs, "output", /*lazy=*/true));
  ASSAY_RETURN_IF_ERROR(json.Key("runtime"));
  ASSAY_RETURN_IF_ERROR(json.Text(NumberText(iteration.runtime_seconds)));
  ASSAY_RETURN_IF_ERROR(json.Key("runner_name"));
  ASSAY_RETURN_IF_ERROR(json.String(iteration.runner_name));
  return json.ClassAndClose("IterationResult");
}

Status WriteRun(JsonFile& json, const RecordedRun& run) {
  ASSAY_RETURN_IF_ERROR(json.Open('['));
  ASSAY_RETURN_IF_ERROR(json.Item());
  ASSAY_RETURN_IF_ERROR(json.String(run.runner_name));
  ASSAY_RETURN_IF_ERROR(json.Item());
  ASSAY_RETURN_IF_ERROR(json.Open('['));
  for (const RecordedIteration& iteration : run.iterations) {
    ASSAY_RETURN_IF_ERROR(json.Item());
    ASSAY_RETURN_IF_ERROR(WriteIteration(json, iteration));
  }
  ASSAY_RETURN_IF_ERROR(json.Close(']'));
  return json.Close(']');
}

}  // namespace

Status WriteInputsJson(const std::filesystem::path& path, std::span<const TensorMap> iterations) {
  ASSAY_ASSIGN_OR_RETURN(InputsJsonWriter writer, InputsJsonWriter::Create(path));
  for (const TensorMap& iteration : iterations) ASSAY_RETURN_IF_ERROR(writer.Append(iteration));
  return writer.Finish();
}

Status WriteIterationJson(const std::filesystem::path& path, const TensorMap& iteration) {
  ASSAY_ASSIGN_OR_RETURN(JsonFile json, CreateJson(path));
  ASSAY_RETURN_IF_ERROR(WriteNamedArrays(json, iteration, "input", /*lazy=*/false));
  return json.Commit();
}

Status WriteOutputsJson(const std::filesystem::path& path, const RecordedRuns& runs) {
  ASSAY_ASSIGN_OR_RETURN(JsonFile json, CreateJson(path));
  ASSAY_RETURN_IF_ERROR(json.Open('{'));
  ASSAY_RETURN_IF_ERROR(json.Key("lst"));
  ASSAY_RETURN_IF_ERROR(json.Open('['));
  for (const RecordedRun& run : runs) {
    ASSAY_RETURN_IF_ERROR(json.Item());
    ASSAY_RETURN_IF_ERROR(WriteRun(json, run));
  }
  ASSAY_RETURN_IF_ERROR(json.Close(']'));
  ASSAY_RETURN_IF_ERROR(json.ClassAndClose("RunResults"));
  return json.Commit();
}

struct InputsJsonWriter::Impl {
  JsonFile json;
};

InputsJsonWriter::InputsJsonWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InputsJsonWriter::InputsJsonWriter(InputsJsonWriter&&) noexcept = default;
InputsJsonWriter& InputsJsonWriter::operator=(InputsJsonWriter&&) noexcept = default;
InputsJsonWriter::~InputsJsonWriter() = default;

Result<InputsJsonWriter> InputsJsonWriter::Create(const std::filesystem::path& path) {
  ASSAY_ASSIGN_OR_RETURN(JsonFile json, CreateJson(path));
  ASSAY_RETURN_IF_ERROR(json.Open('['));
  return InputsJsonWriter(std::make_unique<Impl>(Impl{std::move(json)}));
}

Status InputsJsonWriter::Append(const TensorMap& inputs) {
  ASSAY_RETURN_IF_ERROR(impl_->json.Item());
  return WriteNamedArrays(impl_->json, inputs, "input", /*lazy=*/false);
}

Status InputsJsonWriter::Finish() {
  ASSAY_RETURN_IF_ERROR(impl_->json.Close(']'));
  return impl_->json.Commit();
}

}  // namespace assay
