// Made-up pictures for the tests of rules.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pixmill/tasks/rule.h"

namespace pixmill::tasks {

struct MadeUpThing {
  std::string name;
  float confidence = 0.9F;
  float left = 0, top = 0, right = 10, bottom = 10;
  double area = 100;
};

struct MadeUpPicture {
  std::vector<MadeUpThing> things = {};
  std::string name = "a.jpg";
  Size size = {200, 100};
  Quality quality = {};
  std::int64_t changed = 0;
};

inline std::vector<RuleThing> things_for(const Rule& rule, const MadeUpPicture& picture) {
  std::vector<RuleThing> things;
  for (const MadeUpThing& one : picture.things) {
    RuleThing thing{-1, one.confidence, one.left, one.top, one.right, one.bottom, one.area};
    for (std::size_t i = 0; i < rule.classes().size(); ++i) {
      if (rule.classes()[i] == one.name) thing.label = static_cast<int>(i);
    }
    things.push_back(thing);
  }
  return things;
}

inline RulePicture as_rule_picture(const MadeUpPicture& picture, const std::vector<RuleThing>& things) {
  return {picture.name, picture.size, picture.quality, picture.changed, things};
}

inline bool holds(const Rule& rule, const MadeUpPicture& picture) {
  const std::vector<RuleThing> things = things_for(rule, picture);
  return rule.holds(as_rule_picture(picture, things));
}

inline bool holds(const std::string& rule, const MadeUpPicture& picture, float confidence = 0.25F) {
  return holds(Rule::parse(rule, confidence), picture);
}

// So many things of each class.
inline MadeUpPicture with(const std::vector<std::pair<std::string, int>>& counts) {
  MadeUpPicture picture;
  for (const auto& [name, count] : counts) {
    for (int i = 0; i < count; ++i) picture.things.push_back({name});
  }
  return picture;
}

}  // namespace pixmill::tasks
