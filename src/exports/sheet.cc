// One HTML page of all pictures, with nothing beside it: small pictures, and what was found as data, which the page
// draws over them, filters and sorts. The page is src/exports/sheet/; its data are one JSON object in the script
// "data":
//
//     {"pixmill": "sheet", "version": 1,
//      "confidence": 0.25,                  where the slider begins; weaker things are in the data too
//      "pictures": [
//        {"f": "day 1/img2.jpg",            its path below the folder of the inputs
//         "u": "../photos/day%201/img2.jpg",  a link to it from the page's folder; missing: there is none
//         "w": 640, "h": 480,               its pixels, upright
//         "s": 123.4, "b": 96,              sharpness and brightness, where they were measured
//         "t": "data:image/webp;base64,...",  the small picture
//         "d": [[16, 0.91, 10, 20, 110, 220,  each thing, the best first: class, confidence, left, top, right, bottom,
//                [[12, 20, 100, 25, ...]],    its polygons (x and y by turns), 0 or missing: the box is its shape,
//                [33, 44, ...]], ...]},       its landmarks, where it has some
//        ...],
//      "classes": [{"n": "person", "c": "#e69f00", "k": "#000000"}, ...]}   name, colour, colour of text on it
//
// Every "<" in it is written \u003c, so that no name ends the script.
#include <algorithm>
#include <string>

#include "exports/detection_reader.h"
#include "exports/drawing/palette.h"
#include "exports/formats.h"
#include "exports/shown_picture.h"
#include "exports/text.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/base64.h"
#include "pixmill/tasks/shapes.h"

// The files of the page, see cmake/SheetPage.cmake.
extern "C" const char pixmill_sheet_html[], pixmill_sheet_html_end[];
extern "C" const char pixmill_sheet_css[], pixmill_sheet_css_end[];
extern "C" const char pixmill_sheet_script[], pixmill_sheet_script_end[];

namespace pixmill::exports {
namespace {

constexpr int kThumbnail = 256;  // pixels of the longer side
constexpr int kThumbnailQuality = 72;
constexpr double kCornersPerSide = 800;  // an outline may be off by so small a part of the longer side
constexpr int kScoreDigits = 3;

// As JSON inside a script of HTML.
std::string script_text(std::string_view text) {
  std::string quoted;
  for (const char letter : json_text(text)) letter == '<' ? quoted += "\\u003c" : quoted += letter;
  return quoted;
}

std::string css_colour(Colour colour) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "#";
  for (const std::uint8_t sample : colour) {
    text += kDigits[sample / 16];
    text += kDigits[sample % 16];
  }
  return text;
}

// A path as the address of a file beside the page: bytes that an address may not have are written %XX.
std::string address_of(std::string_view path) {
  if (path.empty()) return "";
  std::string address = path.starts_with('.') || path.starts_with('/') ? "" : "./";  // "a:b" would be another scheme
  for (const char letter : path) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
                       std::string_view("-._~/").find(letter) != std::string_view::npos;
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    plain ? address += letter : (address += '%', address += kDigits[byte / 16], address += kDigits[byte % 16]);
  }
  return address;
}

std::string data_address(ImageView picture) {
  static const bool webp = [] {
    for (const codecs::FormatSupport& one : codecs::supported_formats())
      if (one.format == codecs::Format::webp) return one.write;
    return false;
  }();
  const codecs::Format format = webp ? codecs::Format::webp : codecs::Format::jpeg;
  return "data:image/" + std::string(codecs::name_of(format)) + ";base64," +
         base64(codecs::encode(picture, {.format = format, .quality = kThumbnailQuality}));
}

// Coordinates: whole pixels, tenths in small pictures.
class Numbers {
 public:
  explicit Numbers(Size picture) : side_(std::max(picture.width, picture.height)), digits_(side_ < 600 ? 1 : 0) {}

  double tolerance() const { return side_ / kCornersPerSide; }

  std::string list(const std::vector<tasks::Point>& points) const {
    std::string text = "[";
    for (const tasks::Point& point : points) {
      if (text.size() > 1) text += ",";
      text += of(point.x) + "," + of(point.y);
    }
    return text + "]";
  }

  std::string of(double value) const { return number(value, digits_); }

 private:
  int side_, digits_;
};

std::string polygons_text(const tasks::Detection& found, const Numbers& numbers) {
  if (found.mask.empty() && found.polygons.empty()) return "0";
  std::string text = "[";
  for (const tasks::Polygon& polygon : tasks::polygons_of(found, numbers.tolerance()))
    text += (text.size() > 1 ? "," : "") + numbers.list(polygon);
  return text + "]";
}

std::string thing_text(const tasks::Detection& found, const Numbers& numbers) {
  const tasks::Box& box = found.box;
  std::string text = "[" + std::to_string(box.label) + "," + number(box.score, kScoreDigits);
  for (const float side : {box.left, box.top, box.right, box.bottom}) text += "," + numbers.of(side);
  const std::string polygons = polygons_text(found, numbers);
  if (polygons != "0" || !found.points.empty()) text += "," + polygons;
  if (!found.points.empty()) text += "," + numbers.list(found.points);
  return text + "]";
}

// The text of a file of the page, without what `mark` stands for, in two parts.
struct Halves {
  std::string_view before, after;
};
Halves split(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  return {text.substr(0, at), text.substr(at + mark.size())};
}

class Sheet final : public Exporter {
 public:
  explicit Sheet(tasks::Selection selection)
      : confidence_(selection.confidence), selection_(all_of(std::move(selection))), reader_(selection_) {}

  void begin(const Sink& sink) override {
    const auto [top, rest] = split({pixmill_sheet_html, pixmill_sheet_html_end}, "%CSS%");
    sink(top);
    sink({pixmill_sheet_css, pixmill_sheet_css_end});
    sink(split(rest, "%DATA%").before);
    sink(R"({"pixmill":"sheet","version":1,"confidence":)" + number(confidence_, 2) + ",\"pictures\":[");
  }

  std::string prepare(const Entry& entry) const override {
    const tasks::Detections record = tasks::unpack_detections(entry.kind, entry.body, entry.picture);
    const Numbers numbers(record.picture);
    std::string text =
        "\"w\":" + std::to_string(record.picture.width) + ",\"h\":" + std::to_string(record.picture.height);
    if (record.quality.sharpness >= 0) text += ",\"s\":" + number(record.quality.sharpness, 1);
    if (record.quality.brightness >= 0) text += ",\"b\":" + number(record.quality.brightness, 0);
    text += ",\"t\":\"" + data_address(entry.file->pixels(kThumbnail)) + "\",\"d\":[";
    bool first = true;
    for (const tasks::Detection* one : tasks::select(record, selection_)) {
      text += (first ? "" : ",") + thing_text(*one, numbers);
      first = false;
    }
    return text + "]}";
  }

  void add(const Entry& entry, const Sink& sink) override {
    (void)reader_.read(entry);  // that all pictures have one list of classes
    std::string text = any_ ? ",\n{\"f\":" : "\n{\"f\":";
    text += script_text(entry.picture) + ",";
    if (!entry.link.empty()) text += "\"u\":" + script_text(address_of(entry.link)) + ",";
    sink(text);
    sink(entry.prepared);
    any_ = true;
  }

  void end(const Sink& sink) override {
    sink("\n],\"classes\":[");
    const std::vector<std::string>& classes = reader_.classes();
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const Colour colour = class_colour(static_cast<int>(i));
      sink((i > 0 ? ",{\"n\":" : "{\"n\":") + script_text(classes[i]) + ",\"c\":\"" + css_colour(colour) +
           "\",\"k\":\"" + css_colour(text_colour(colour)) + "\"}");
    }
    sink("]}");
    const auto rest = split({pixmill_sheet_html, pixmill_sheet_html_end}, "%DATA%").after;
    const auto [before, after] = split(rest, "%SCRIPT%");
    sink(before);
    sink({pixmill_sheet_script, pixmill_sheet_script_end});
    sink(after);
  }

 private:
  // The page chooses by confidence itself.
  static tasks::Selection all_of(tasks::Selection selection) {
    selection.confidence = 0;
    return selection;
  }

  const float confidence_;
  const tasks::Selection selection_;
  DetectionReader reader_;
  bool any_ = false;
};

}  // namespace

std::unique_ptr<Exporter> make_sheet(const config::Values& values) {
  return std::make_unique<Sheet>(tasks::read_selection(values));
}

}  // namespace pixmill::exports
