// The tables of jobs and formats with a row more each, in the place of src/tasks/jobs.cc and src/exports/table.cc.
#include "average.h"

namespace pixmill {

std::span<const tasks::Job> tasks::jobs() {
  static const Job rows[] = {
      {.name = "average",
       .summary = "the average colour of photographs",
       .example = "pixmill average photos/ -o averages.csv",
       .runs_model = false,
       .record_kind = toy::kAverage,
       .flags = toy::average_flags,
       .read = toy::read_average},
  };
  return rows;
}

std::span<const exports::ExportRow> exports::exports() {
  static const std::vector<ExportRow> rows = {
      {.name = "average-csv",
       .summary = "CSV: a line for each picture, its average colour",
       .record_kind = toy::kAverage,
       .extension = "csv",
       .scope = Scope::job,
       .make = toy::make_average_csv},
  };
  return rows;
}

}  // namespace pixmill
