// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/http2_frames.h"

#include "raw_frames.h"
#include <memory>
#include <QTest>

using namespace weir::simulator;

class TestHttp2Frames : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void writesFrames();
    void setsStreams();
    void writesFieldsForNghttp2_data();
    void writesFieldsForNghttp2();
};

void TestHttp2Frames::writesFrames()
{
    QCOMPARE(http2Frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, "12345678"),
             QByteArrayLiteral("\0\0\x08\x06\x01\0\0\0\0"
                               "12345678"));
    QCOMPARE(http2Frame(NGHTTP2_DATA, 0, 0x01020304, QByteArray(0x010203, 'x')).left(9),
             QByteArrayLiteral("\x01\x02\x03\0\0\x01\x02\x03\x04"));
}

void TestHttp2Frames::setsStreams()
{
    const QByteArray frames = http2Frame(NGHTTP2_DATA, 0, OwnStream, "a") +
                              http2Frame(NGHTTP2_PING, 0, 0, "b") + http2Frame(NGHTTP2_DATA, 0, 3, "c") +
                              http2Frame(NGHTTP2_DATA, 0, OwnStream, {});
    QList<std::uint32_t> streams;
    for (const SeenFrame &frame : framesIn(onStream(frames, 7)))
        streams += frame.stream;
    QCOMPARE(streams, (QList<std::uint32_t>{7, 0, 3, 7}));
    QCOMPARE(onStream({}, 7), QByteArray());
}

void TestHttp2Frames::writesFieldsForNghttp2_data()
{
    QTest::addColumn<int>("size"); // of the value; around the steps of the length's coding
    for (const int size : {0, 1, 126, 127, 128, 254, 255, 256, 16'511, 16'512, 60'000})
        QTest::addRow("%d bytes", size) << size;
}

void TestHttp2Frames::writesFieldsForNghttp2()
{
    QFETCH(int, size);
    const std::string value(std::size_t(size), 'v');
    QByteArray block = http2Field("x-name", value) + http2Field(":status", "200");
    nghttp2_hd_inflater *created = nullptr;
    QCOMPARE(nghttp2_hd_inflate_new(&created), 0);
    const std::unique_ptr<nghttp2_hd_inflater, void (*)(nghttp2_hd_inflater *)> inflater(
        created, nghttp2_hd_inflate_del);
    std::vector<std::pair<std::string, std::string>> fields;
    auto *at = reinterpret_cast<const std::uint8_t *>(block.constData());
    auto left = std::size_t(block.size());
    while (left > 0) {
        nghttp2_nv field{};
        int flags = 0;
        const ssize_t used = nghttp2_hd_inflate_hd2(inflater.get(), &field, &flags, at, left, 1);
        QVERIFY(used >= 0);
        at += used;
        left -= std::size_t(used);
        if (flags & NGHTTP2_HD_INFLATE_EMIT)
            fields.emplace_back(std::string(reinterpret_cast<char *>(field.name), field.namelen),
                                std::string(reinterpret_cast<char *>(field.value), field.valuelen));
    }
    QCOMPARE(fields.size(), std::size_t(2));
    QCOMPARE(fields[0].first, std::string("x-name"));
    QVERIFY(fields[0].second == value);
    QCOMPARE(fields[1].second, std::string("200"));
    QCOMPARE(nghttp2_hd_inflate_get_dynamic_table_size(inflater.get()), std::size_t(0)); // stays as it was
}

QTEST_GUILESS_MAIN(TestHttp2Frames)
#include "tst_http2_frames.moc"
