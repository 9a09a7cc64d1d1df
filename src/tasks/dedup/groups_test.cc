#include <gtest/gtest.h>

#include <algorithm>

#include "pixmill/core/error.h"
#include "pixmill/tasks/dedup.h"

namespace pixmill::tasks {
namespace {

using Groups = std::vector<std::vector<std::uint32_t>>;

void in_turn(int count, const std::function<void(int)>& act) {
  for (int i = 0; i < count; ++i) act(i);
}

Face face_of(std::uint64_t perceptual, std::uint64_t difference) {
  Face face{{10, 10}, {}, {}};
  face.hashes.perceptual.fill(perceptual);
  face.hashes.difference.fill(difference);
  // What the picture would be if it were mirrored is far from everything.
  for (std::size_t turn = 1; turn < PictureHashes::kTurns; ++turn) {
    face.hashes.perceptual[turn] = ~perceptual;
    face.hashes.difference[turn] = ~difference;
  }
  return face;
}

std::uint64_t bits(int count) {
  return (std::uint64_t{1} << count) - 1;
}

TEST(GroupsOfAlike, BothHashesMustBeNear) {
  const std::vector<Face> faces = {face_of(0, 0xF0F0), face_of(bits(10), 0xF0F0), face_of(0, 0xF0F0 ^ (bits(15) << 40)),
                                   face_of(bits(11), 0xF0F0)};
  EXPECT_EQ(groups_of_alike(faces, {}, in_turn), (Groups{{0, 1, 3}})) << "3 is near 1, which is the middle";
  AlikeOptions strict;
  strict.perceptual = 0;
  EXPECT_EQ(groups_of_alike(faces, strict, in_turn), Groups());
  AlikeOptions loose;
  loose.difference = 15;
  EXPECT_EQ(groups_of_alike(faces, loose, in_turn).front().size(), 4U);
}

TEST(GroupsOfAlike, ChainsAreCut) {
  std::vector<Face> faces;
  for (int i = 0; i < 7; ++i) faces.push_back(face_of(bits(8 * i), 0xF0F0));
  for (const auto& group : groups_of_alike(faces, {}, in_turn)) EXPECT_LE(group.size(), 3U);
}

TEST(GroupsOfAlike, EqualOnesAreNoPairs) {
  std::vector<Face> faces(100'000, face_of(5, 6));
  faces.push_back(face_of(~std::uint64_t{5}, 6));
  const Groups groups = groups_of_alike(faces, {}, in_turn);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].size(), 100'000U);
}

TEST(GroupsOfAlike, MirroredAndTurnedOnesWhereTheyAreWanted) {
  Face photo = face_of(0x1234, 0x77), mirror = face_of(0xFFFF0000FFFF, 0x7700), turned = face_of(0xFF00FF00FF00, 0x99);
  photo.hashes.perceptual[1] = mirror.hashes.perceptual[0];
  photo.hashes.difference[1] = mirror.hashes.difference[0];
  photo.hashes.perceptual[6] = turned.hashes.perceptual[0];
  photo.hashes.difference[6] = turned.hashes.difference[0];
  const std::vector<Face> faces = {photo, mirror, turned};
  AlikeOptions options;
  EXPECT_EQ(groups_of_alike(faces, options, in_turn), (Groups{{0, 1}}));
  options.turned = true;
  EXPECT_EQ(groups_of_alike(faces, options, in_turn), (Groups{{0, 1, 2}}));
  options.turned = options.mirrored = false;
  EXPECT_EQ(groups_of_alike(faces, options, in_turn), Groups());
}

TEST(GroupsOfAlike, OneColourIsAlikeNone) {
  Image black({40, 30}, 3);
  for (int y = 0; y < 30; ++y) std::fill_n(black.row<std::uint8_t>(y), 120, std::uint8_t{7});
  Face face{{40, 30}, {}, picture_hashes(black)};
  EXPECT_EQ(groups_of_alike(std::vector<Face>{face, face}, {}, in_turn), Groups());
  EXPECT_EQ(groups_of_alike({}, {}, in_turn), Groups());
}

TEST(FaceRecord, ComesBack) {
  Face face = face_of(0x123456789ABCDEF0, 0xFEDCBA9876543210);
  face.size = {6000, 4000};
  face.measured = {123.5F, 77.25F};
  EXPECT_EQ(unpack_face(kFace, pack_face(face), "a.jpg"), face);
  std::vector<std::byte> body = pack_face(face);
  EXPECT_THROW(unpack_face("face/2", body, "a.jpg"), Error);
  body.pop_back();
  EXPECT_THROW(unpack_face(kFace, body, "a.jpg"), Error);
  EXPECT_THROW(unpack_face(kFace, {}, "a.jpg"), Error);
}

TEST(GroupsOfAlike, PairsOfAnotherReasonJoinTheGroups) {
  std::vector<Face> faces(6);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    faces[i].hashes.perceptual.fill(0x9E3779B97F4A7C15U * (i + 1) * (i + 7));
    faces[i].hashes.difference.fill(0xC2B2AE3D27D4EB4FU * (i + 3) * (i + 5));
  }
  faces[1].hashes = faces[0].hashes;
  faces[5].hashes.difference.fill(0);  // of one colour
  const auto one_by_one = [](int count, const std::function<void(int)>& act) {
    for (int i = 0; i < count; ++i) act(i);
  };
  using Numbers = std::vector<std::vector<std::uint32_t>>;
  EXPECT_EQ(groups_of_alike(faces, {}, one_by_one), (Numbers{{0, 1}}));
  const std::vector<AlikePair> more = {{0, 1}, {1, 3}, {2, 4}, {4, 5}};
  EXPECT_EQ(groups_of_alike(faces, {}, one_by_one, more), (Numbers{{0, 1, 3}, {2, 4}}));
}

}  // namespace
}  // namespace pixmill::tasks
