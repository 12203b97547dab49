#pragma once

// The C interface of Assay: load a model or an engine, bind memory, run. assay/assay.h wraps it for
// C++.
//
// Functions that can fail return a status: NULL for success, else an object that says why, to be
// freed with assay_status_free. Nothing is printed, and nothing is thrown. Names and shapes that a
// function returns live as long as the object they come from.
//
// NULL where an object, an address or a text is expected gives ASSAY_USAGE with the name of the
// argument. Functions that return a value have no status: for NULL, for an index that is too large
// and for a result that is not there they return NULL, 0, ASSAY_UNDEFINED or, as a rank, -1.
//
// An engine may be used by several threads at a time, a context by one.

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ASSAY_API __attribute__((visibility("default")))
#else
#define ASSAY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct assay_status assay_status;
typedef struct assay_options assay_options;
typedef struct assay_engine assay_engine;
typedef struct assay_context assay_context;

// Kinds of failure. The message says more.
typedef enum assay_code {
  ASSAY_OK = 0,
  ASSAY_USAGE = 1,          // the request is wrong: a name, a number, a shape outside the profile
  ASSAY_INVALID_INPUT = 2,  // a file or tensor that is malformed or does not fit
  ASSAY_NOT_FOUND = 3,
  ASSAY_UNSUPPORTED = 4,     // well formed, but not implemented, or not for this processor
  ASSAY_UNAVAILABLE = 5,     // a library or device is not there
  ASSAY_IO = 6,              // the operating system refused
  ASSAY_RESOURCE_LIMIT = 7,  // memory
  ASSAY_INTERRUPTED = 8,
  ASSAY_INTERNAL = 9,  // a defect of Assay
} assay_code;

// Element types, with the numbers of ONNX.
typedef enum assay_element_type {
  ASSAY_UNDEFINED = 0,
  ASSAY_FLOAT32 = 1,
  ASSAY_UINT8 = 2,
  ASSAY_INT8 = 3,
  ASSAY_UINT16 = 4,
  ASSAY_INT16 = 5,
  ASSAY_INT32 = 6,
  ASSAY_INT64 = 7,
  ASSAY_BOOL = 9,
  ASSAY_FLOAT16 = 10,
  ASSAY_FLOAT64 = 11,
  ASSAY_UINT32 = 12,
  ASSAY_UINT64 = 13,
  ASSAY_BFLOAT16 = 16,
} assay_element_type;

// Version of the library: "0.1.0".
ASSAY_API const char* assay_version(void);

ASSAY_API assay_code assay_status_code(const assay_status* status);  // ASSAY_OK for NULL
ASSAY_API const char* assay_status_message(const assay_status* status);
ASSAY_API const char* assay_status_hint(const assay_status* status);  // may be ""
ASSAY_API void assay_status_free(assay_status* status);

// Options of assay_load. All but threads and plan cache concern models, not engine files.
ASSAY_API assay_options* assay_options_create(void);  // NULL if there is no memory
ASSAY_API void assay_options_free(assay_options* options);
// 1 to 4096; 0: one per usable processor.
ASSAY_API assay_status* assay_options_set_threads(assay_options* options, int threads);
// Plans kept for shapes that were run, at least 1 (8 if not set); the one that was not used for
// longest goes first.
ASSAY_API assay_status* assay_options_set_plan_cache(assay_options* options, size_t plans);
// Shapes that an input may have, and the one to tune for, `rank` extents each. If any input is
// given a profile, every input of unknown shape needs one.
ASSAY_API assay_status* assay_options_set_profile(assay_options* options, const char* input,
                                                  const int64_t* min, const int64_t* opt,
                                                  const int64_t* max, int rank);
ASSAY_API assay_status* assay_options_disable_pass(assay_options* options, const char* pass);

// Loads a model (ONNX) or an engine file; `options` may be NULL. On failure `*engine` is NULL.
//
// The file is mapped, not read: as long as the engine lives, replace it only by renaming another
// file over it, as assay_save does. An engine whose file is truncated or written in place crashes
// or computes with other weights.
ASSAY_API assay_status* assay_load(const char* path, const assay_options* options,
                                   assay_engine** engine);
// Writes an engine file; it appears only when complete.
ASSAY_API assay_status* assay_save(assay_engine* engine, const char* path);
ASSAY_API void assay_engine_free(assay_engine* engine);

// Inputs and outputs, in the model's order. An extent of -1 is known at run time; a rank of -1
// likewise.
ASSAY_API size_t assay_input_count(const assay_engine* engine);
ASSAY_API size_t assay_output_count(const assay_engine* engine);
ASSAY_API const char* assay_input_name(const assay_engine* engine, size_t index);
ASSAY_API const char* assay_output_name(const assay_engine* engine, size_t index);
ASSAY_API assay_element_type assay_input_type(const assay_engine* engine, size_t index);
ASSAY_API assay_element_type assay_output_type(const assay_engine* engine, size_t index);
ASSAY_API int assay_input_rank(const assay_engine* engine, size_t index);
ASSAY_API int assay_output_rank(const assay_engine* engine, size_t index);
ASSAY_API const int64_t* assay_input_shape(const assay_engine* engine, size_t index);
ASSAY_API const int64_t* assay_output_shape(const assay_engine* engine, size_t index);

// A context runs the engine; it keeps the engine alive.
ASSAY_API assay_status* assay_context_create(assay_engine* engine, assay_context** context);
ASSAY_API void assay_context_free(assay_context* context);

// Binds memory of the caller, row-major, which must stay valid while the context runs. Nothing is
// copied. `data` is aligned for its element type. The type, the rank and the extents that the model
// fixes are checked here, the others by assay_run. After a failure the binding is what it was.
ASSAY_API assay_status* assay_bind_input(assay_context* context, size_t index,
                                         assay_element_type type, const int64_t* shape, int rank,
                                         const void* data);
// Binds memory for an output; `data` of NULL takes the binding back, whatever the other arguments
// are. Outputs that are not bound get memory of the context.
ASSAY_API assay_status* assay_bind_output(assay_context* context, size_t index,
                                          assay_element_type type, const int64_t* shape, int rank,
                                          void* data);
// Memory of an output may overlap that of no input and no other output (ASSAY_USAGE). A run with
// the shapes of the one before allocates nothing, unless a step is computed by the portable tactic
// "cpu.any.float64" (see assay_step_tactic).
ASSAY_API assay_status* assay_run(assay_context* context);

// Output `index` of the last run; valid until the next one. A run that failed has no results.
ASSAY_API assay_element_type assay_result_type(const assay_context* context, size_t index);
ASSAY_API const void* assay_result_data(const assay_context* context, size_t index);
ASSAY_API size_t assay_result_bytes(const assay_context* context, size_t index);
ASSAY_API int assay_result_rank(const assay_context* context, size_t index);
ASSAY_API const int64_t* assay_result_shape(const assay_context* context, size_t index);
// Success if the last run left a result with elements of this type.
ASSAY_API assay_status* assay_result_check(const assay_context* context, size_t index,
                                           assay_element_type type);

// Measures the steps of the runs that follow, or does so no longer (0, as at first). A step
// computes one or several nodes of the model.
ASSAY_API assay_status* assay_context_set_profiling(assay_context* context, int enabled);
// Steps of the last run, in their order; none if it failed or was not measured.
ASSAY_API size_t assay_step_count(const assay_context* context);
ASSAY_API double assay_step_seconds(const assay_context* context, size_t step);
ASSAY_API const char* assay_step_tactic(const assay_context* context, size_t step);
ASSAY_API size_t assay_step_node_count(const assay_context* context, size_t step);
ASSAY_API const char* assay_step_node(const assay_context* context, size_t step, size_t index);

#ifdef __cplusplus
}
#endif
