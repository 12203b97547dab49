/* The same in C: loads a model or an engine file and says what goes in and comes out. */

#include <stdio.h>

#include <assay/c_api.h>

static void print_shape(const char* kind, const char* name, int rank, const int64_t* shape) {
  if (rank < 0) {
    printf("%s %s, shape unknown until it runs\n", kind, name);
    return;
  }
  printf("%s %s (", kind, name);
  for (int axis = 0; axis < rank; ++axis) {
    printf(axis == 0 ? "%lld" : ", %lld", (long long)shape[axis]);
  }
  printf(")\n");
}

int main(int count, char** arguments) {
  assay_engine* engine = NULL;
  assay_status* status;
  if (count != 2) {
    fprintf(stderr, "usage: run_model_c MODEL\n");
    return 2;
  }
  status = assay_load(arguments[1], NULL, &engine);
  if (status != NULL) {
    fprintf(stderr, "%s\n", assay_status_message(status));
    assay_status_free(status);
    return 1;
  }
  for (size_t i = 0; i < assay_input_count(engine); ++i) {
    print_shape("input", assay_input_name(engine, i), assay_input_rank(engine, i),
                assay_input_shape(engine, i));
  }
  for (size_t i = 0; i < assay_output_count(engine); ++i) {
    print_shape("output", assay_output_name(engine, i), assay_output_rank(engine, i),
                assay_output_shape(engine, i));
  }
  assay_engine_free(engine);
  return 0;
}
