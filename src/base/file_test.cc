#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

namespace assay {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay_file_test.XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path At(const std::string& name) const { return folder_ / name; }
  std::string Content(const std::string& name) const {
    const Result<std::string> text = ReadFile(At(name));
    return text.ok() ? *text : text.status().message();
  }
  size_t CountFiles() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(AtomicFileTest, ReplacesARegularFile) {
  ASSERT_TRUE(WriteFileAtomically(At("a"), "before").ok());
  ASSERT_TRUE(WriteFileAtomically(At("a"), "after").ok());
  EXPECT_EQ(Content("a"), "after");
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(AtomicFileTest, WithoutCommitNothingChanges) {
  ASSERT_TRUE(WriteFileAtomically(At("a"), "before").ok());
  {
    Result<AtomicFile> file = AtomicFile::Create(At("a"));
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->Write(std::string_view("after")).ok());
  }
  EXPECT_EQ(Content("a"), "before");
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(AtomicFileTest, ReplacesWhatALinkPointsTo) {
  fs::create_directory(At("there"));
  ASSERT_TRUE(WriteFileAtomically(At("there/a"), "before").ok());
  fs::create_symlink("there/a", At("second"));
  fs::create_symlink("second", At("first"));
  ASSERT_TRUE(WriteFileAtomically(At("first"), "after").ok());
  EXPECT_TRUE(fs::is_symlink(At("first")));
  EXPECT_TRUE(fs::is_symlink(At("second")));
  EXPECT_EQ(Content("there/a"), "after");
}

TEST_F(AtomicFileTest, MakesWhatADanglingLinkPointsTo) {
  fs::create_symlink("later", At("link"));
  ASSERT_TRUE(WriteFileAtomically(At("link"), "text").ok());
  EXPECT_TRUE(fs::is_symlink(At("link")));
  EXPECT_EQ(Content("later"), "text");
}

TEST_F(AtomicFileTest, ReportsLinksThatLeadNowhere) {
  fs::create_symlink("b", At("a"));
  fs::create_symlink("a", At("b"));
  EXPECT_EQ(WriteFileAtomically(At("a"), "text").code(), StatusCode::kIo);
}

TEST_F(AtomicFileTest, WritesThroughAPipe) {
  ASSERT_EQ(mkfifo(At("pipe").c_str(), 0600), 0);
  const int reader = open(At("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  ASSERT_TRUE(WriteFileAtomically(At("pipe"), "text").ok());
  char text[8] = {};
  EXPECT_EQ(read(reader, text, sizeof(text)), 4);
  close(reader);
  EXPECT_STREQ(text, "text");
  EXPECT_TRUE(fs::is_fifo(At("pipe")));
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(AtomicFileTest, APipeThatNobodyReadsIsAnError) {
  ASSERT_EQ(mkfifo(At("pipe").c_str(), 0600), 0);
  const int reader = open(At("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  Result<AtomicFile> file = AtomicFile::Create(At("pipe"));
  close(reader);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->Write(std::string_view("text")).ok());
  EXPECT_EQ(file->Commit().code(), StatusCode::kIo);
}

TEST_F(AtomicFileTest, DoesNotWaitForSomebodyToReadAPipe) {
  ASSERT_EQ(mkfifo(At("pipe").c_str(), 0600), 0);
  const Status status = WriteFileAtomically(At("pipe"), "text");
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_NE(status.message().find("nobody reads this pipe"), std::string::npos);
  EXPECT_TRUE(fs::is_fifo(At("pipe")));
}

TEST_F(AtomicFileTest, WaitsWhileAPipeIsFull) {
  ASSERT_EQ(mkfifo(At("pipe").c_str(), 0600), 0);
  const int reader = open(At("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  const std::string long_text(size_t{1} << 22, 'x');
  size_t received = 0;
  std::thread thread([&] {
    std::string piece(size_t{1} << 16, '\0');
    while (received < long_text.size()) {
      const ssize_t n = read(reader, piece.data(), piece.size());
      if (n > 0) received += static_cast<size_t>(n);
    }
  });
  const Status status = WriteFileAtomically(At("pipe"), long_text);
  thread.join();
  close(reader);
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(received, long_text.size());
}

TEST_F(AtomicFileTest, RefusesSockets) {
  const int socket_descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = At("s").string();
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(bind(socket_descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(CheckWritable(At("s")).message(),
            "cannot write \"" + path + "\": expected a file, got a socket");
  close(socket_descriptor);
}

TEST_F(AtomicFileTest, ReadingAPipeIsAnError) {
  ASSERT_EQ(mkfifo(At("pipe").c_str(), 0600), 0);
  EXPECT_EQ(MappedFile::Open(At("pipe")).status().message(),
            "cannot read \"" + At("pipe").string() + "\": expected a file, got a pipe");
}

TEST_F(AtomicFileTest, WritesThroughAnOpenDescriptor) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string path = "/dev/fd/" + std::to_string(ends[1]);
  ASSERT_TRUE(WriteFileAtomically(path, "text").ok());
  char text[8] = {};
  EXPECT_EQ(read(ends[0], text, sizeof(text)), 4);
  EXPECT_STREQ(text, "text");
  close(ends[0]);
  close(ends[1]);
}

TEST_F(AtomicFileTest, AddsToAnOpenFile) {
  const int descriptor = open(At("log").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(write(descriptor, "one ", 4), 4);
  ASSERT_TRUE(WriteFileAtomically("/dev/fd/" + std::to_string(descriptor), "two").ok());
  close(descriptor);
  EXPECT_EQ(Content("log"), "one two");
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(AtomicFileTest, ADeviceStaysADevice) {
  constexpr unsigned kFullMajor = 1;
  constexpr unsigned kFullMinor = 7;
  if (mknod(At("full").c_str(), S_IFCHR | 0666, makedev(kFullMajor, kFullMinor)) != 0) {
    GTEST_SKIP() << "devices can be made by root only";
  }
  const Status status = WriteFileAtomically(At("full"), "text");
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_NE(status.message().find("No space left on device"), std::string::npos);
  EXPECT_TRUE(fs::is_character_file(At("full")));
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(AtomicFileTest, FoldersThatStayEmptyAreRemoved) {
  fs::create_directory(At("there"));
  {
    FolderMaker maker;
    ASSERT_TRUE(maker.Make(At("new/deep")).ok());
    ASSERT_TRUE(maker.Make(At("there")).ok());
    ASSERT_TRUE(maker.Make(At("kept/deep")).ok());
    ASSERT_TRUE(WriteFileAtomically(At("kept/deep/a"), "text").ok());
    const FolderMaker moved = std::move(maker);
    EXPECT_TRUE(fs::is_directory(At("new/deep")));
  }
  EXPECT_FALSE(fs::exists(At("new")));
  EXPECT_TRUE(fs::exists(At("there")));
  EXPECT_EQ(Content("kept/deep/a"), "text");
}

TEST_F(AtomicFileTest, CheckWritableSaysWhatWriteWould) {
  EXPECT_TRUE(CheckWritable(At("new")).ok());
  EXPECT_FALSE(fs::exists(At("new")));
  EXPECT_EQ(CheckWritable(At("nowhere/new")).code(), StatusCode::kNotFound);
  EXPECT_EQ(CheckWritable(folder_).code(), StatusCode::kInvalidInput);
  EXPECT_EQ(WriteFileAtomically(folder_, "text").code(), StatusCode::kInvalidInput);
}

}  // namespace
}  // namespace assay
