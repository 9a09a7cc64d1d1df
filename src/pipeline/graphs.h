// The model files of a job: which they are, and where they run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/choice.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/runtime/session.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// One graph of the task.
struct JobGraph {
  models::ResolvedModel model;  // its file
  std::string named_hash;       // of the file that was named, where a variant of it runs
  std::vector<Choice> choices;  // one for each device
  std::size_t of_card = 0;      // its place among the files of its card
  tasks::Graph graph = {};      // what the task says of it
};

struct JobGraphs {
  std::unique_ptr<tasks::Task> task;
  std::vector<JobGraph> all;  // in the order of task->graphs(); empty for a task that runs no model

  std::string model_name() const;  // of several "a+b"; empty where no model runs
  std::string tuned() const { return all.empty() ? "" : all.front().choices.front().tuned; }
  // Contents of the files that the user named: part of the key of results.
  std::string models_key() const;
  // The sessions of one graph, or of all, as planned, for the first batch of a job of so many pictures.
  std::vector<runtime::SessionInfo> planned(std::size_t graph, std::int64_t pictures) const;
  std::vector<runtime::SessionInfo> planned(std::int64_t pictures) const;
  // All that an output of an inference of a graph depends on beside its inputs; `sessions`: that run it.
  std::string engine_text(const JobSpec& spec, std::size_t graph,
                          const std::vector<runtime::SessionInfo>& sessions) const;
};

// Resolves the models that the job names, chooses where each file of them runs, and makes the task. A model of tiles of
// any size is measured first where that was not done on this machine. `memory`: of the job, in bytes. Throws Error:
// what resolving and choosing throw; usage (a size that the model does not take); bad_model (a model whose files are
// not those that the task runs).
JobGraphs find_graphs(const JobSpec& spec, std::int64_t pictures, std::size_t memory);

}  // namespace pixmill::pipeline
