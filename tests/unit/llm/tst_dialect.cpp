// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/dialect.h"
#include <QTest>
#include <random>

using namespace weir;
using namespace weir::llm;

namespace {

http::Headers headersOf(bool version)
{
    http::Headers headers;
    if (version)
        headers.add("Anthropic-Version", "2023-06-01");
    return headers;
}

/// Every percent-encoding decoded, letters small, slashes single, parameters gone: what the most lenient
/// server makes of a path.
std::string asTheMostLenientReads(std::string path)
{
    std::string decoded;
    for (std::size_t at = 0; at < path.size(); ++at) {
        if (path[at] == '%' && at + 2 < path.size()) {
            decoded += char(std::stoi(path.substr(at + 1, 2), nullptr, 16));
            at += 2;
        } else {
            decoded += path[at];
        }
    }
    std::string read;
    for (const char byte : decoded.substr(0, decoded.find(';'))) {
        if (byte != '/' || !read.ends_with('/'))
            read += char(std::tolower(static_cast<unsigned char>(byte)));
    }
    while (read.ends_with('/'))
        read.pop_back();
    return read;
}

} // namespace

class TestDialect : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsPlaces_data();
    void readsPlaces();
    void neverReadsACountedPathAsAFreeOne();
    void writesAPathPlainly_data();
    void writesAPathPlainly();
    void findsFaultsOfPaths_data();
    void findsFaultsOfPaths();
};

void TestDialect::readsPlaces_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<bool>("version");     // anthropic-version is sent
    QTest::addColumn<QByteArray>("place"); // provider, dialect, API and the rest; "" = none
    const auto row = [](const char *target, const char *place, bool version = false) {
        QTest::addRow("%s%s", target, version ? " with anthropic-version" : "")
            << QByteArray(target) << version << QByteArray(place);
    };
    row("/v1/messages", " anthropic messages /messages");
    row("/v1/messages?beta=true", " anthropic messages /messages?beta=true");
    row("/v1/messages/count_tokens", " anthropic count_tokens /messages/count_tokens");
    row("/v1/messages/batches/b1/results", " anthropic other /messages/batches/b1/results");
    row("/v1/messagesx", " openai other /messagesx");
    row("/v1/chat/completions", " openai chat_completions /chat/completions", true);
    row("/v1/responses", " openai responses /responses");
    row("/v1/responses/r1", " openai other /responses/r1");
    row("/v1/responses/r1", " openai other /responses/r1", true);
    row("/v1/embeddings", " openai embeddings /embeddings", true);
    row("/v1/models", " openai models /models");
    row("/v1/models", " anthropic models /models", true);
    row("/v1/models/org%2Fname?a=/v1/", " openai models /models/org%2Fname?a=/v1/");
    row("/v1/modelsx", " openai other /modelsx");
    row("/v1/files/file_1/content", " anthropic other /files/file_1/content", true);
    row("/v1/not-yet-known", " openai other /not-yet-known");
    row("/v1/complete", " anthropic other /complete");
    row("/v1/completions", " openai completions /completions");
    row("/v1/Completions;a", " openai completions /Completions;a");
    row("/v1/responses/compact", " openai responses /responses/compact");
    row("/v1/responses%2Fcompact", " openai responses /responses%2Fcompact");
    row("/v1/responses/input_tokens", " openai count_tokens /responses/input_tokens");
    row("/v1/responses/Input_Tokens", " openai other /responses/Input_Tokens");
    row("/v1/chat/completions/c1", " openai other /chat/completions/c1", true);
    row("/v1/", " openai other /");
    row("/zai/v1/messages", "zai anthropic messages /messages");
    row("/v1/v1/messages", " openai other /v1/messages");

    // The same for every server.
    row("/v1/%63hat/completions", " openai chat_completions /%63hat/completions");
    row("/v1/%6D%65ssages", " anthropic messages /%6D%65ssages");
    row("/v1/messages/", " anthropic messages /messages/");
    row("/v1/messages/count_tokens/", " anthropic count_tokens /messages/count_tokens/");
    row("//v1/messages", " anthropic messages /messages");
    row("///v1///messages?x", " anthropic messages /messages?x");
    row("/zai//v1/messages", "zai anthropic messages /messages");
    row("/z%61i/%761/messages", "zai anthropic messages /messages");
    row("/%76%31/messages", " anthropic messages /messages");

    // What some server may take it for.
    row("/v1/Chat/Completions", " openai chat_completions /Chat/Completions");
    row("/v1/chat%2Fcompletions", " openai chat_completions /chat%2Fcompletions");
    row("/v1/chat//completions", " openai chat_completions /chat//completions");
    row("/v1/chat/completions//", " openai chat_completions /chat/completions//");
    row("/v1/chat/completions;a=b", " openai chat_completions /chat/completions;a=b");
    row("/v1/chat;a=b/completions", " openai chat_completions /chat;a=b/completions");
    row("/v1/chat/completions%3Fa", " openai chat_completions /chat/completions%3Fa");
    row("/v1/chat/completions%20", " openai chat_completions /chat/completions%20");
    row("/v1/chat%5Ccompletions", " openai chat_completions /chat%5Ccompletions");
    row("/v1/MESSAGES", " anthropic messages /MESSAGES");
    // But nothing is free that might not be.
    row("/v1/messages/Count_Tokens", " anthropic other /messages/Count_Tokens");
    row("/v1/messages;/count_tokens", " anthropic messages /messages;/count_tokens");
    row("/v1/messages%3F/count_tokens", " anthropic messages /messages%3F/count_tokens");
    row("/v1/messages%2Fcount_tokens", " openai other /messages%2Fcount_tokens");

    row("/V1/messages", "");
    row("/v2/messages", "");
    row("/zai/v2/messages", "");
    row("/zai/x/v1/messages", "");
    row("", "");
    row("/", "");
    row("/v1", "");
    row("/v1?a=/v1/messages", "");
    row("/?a=/v1/messages", "");
}

void TestDialect::readsPlaces()
{
    QFETCH(QByteArray, target);
    QFETCH(bool, version);
    QFETCH(QByteArray, place);
    const std::string text = target.toStdString();
    const auto found = placeOf(text, headersOf(version));
    const auto inWords = [&] {
        return found->provider + " " + std::string(name(found->endpoint.dialect)) + " " +
               std::string(name(found->endpoint.api)) + " " + std::string(found->rest);
    };
    QCOMPARE(found ? QByteArray::fromStdString(inWords()) : QByteArray(), place);
}

void TestDialect::neverReadsACountedPathAsAFreeOne()
{
    std::mt19937 random(7);
    const auto chance = [&random](unsigned of) { return random() % of == 0; };
    int counted = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::string_view meant = round % 2 ? "/chat/completions" : "/messages/count_tokens";
        std::string path = "/v1";
        for (const char byte : meant) {
            if (chance(12))
                path += std::string_view("/;%.~").substr(random() % 5, 1);
            if (chance(6)) {
                char code[4];
                std::snprintf(code, sizeof code, chance(2) ? "%%%02x" : "%%%02X", unsigned(byte));
                path += code;
            } else {
                path += chance(6) ? char(std::toupper(static_cast<unsigned char>(byte))) : byte;
            }
        }
        path += chance(4) ? "/" : chance(4) ? ";a=b" : "";
        if (path.find("%%") != std::string::npos || path.find("%/") != std::string::npos ||
            path.find("%;") != std::string::npos)
            continue; // no encoding: the oracle cannot read it
        bool isEncoded = true;
        for (std::size_t at = path.find('%'); at != std::string::npos; at = path.find('%', at + 1))
            isEncoded = isEncoded && at + 2 < path.size() && std::isxdigit(path[at + 1]) &&
                        std::isxdigit(path[at + 2]);
        if (!isEncoded)
            continue;
        const std::string read = asTheMostLenientReads(path);
        const auto found = placeOf(path, {});
        if (!found)
            continue; // not where it has to be: refused
        if (read == "/v1/chat/completions") {
            ++counted;
            QVERIFY2(found->endpoint.api == Api::ChatCompletions, path.c_str());
        } else if (read == "/v1/messages") {
            QVERIFY2(found->endpoint.api == Api::Messages, path.c_str());
        } else if (found->endpoint.api == Api::CountTokens) {
            QVERIFY2(read == "/v1/messages/count_tokens", path.c_str());
        }
    }
    QVERIFY2(counted > 1000, QByteArray::number(counted).constData());
}

void TestDialect::writesAPathPlainly_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("plain");
    const auto row = [](const char *path, const char *plain) {
        QTest::newRow(path) << QByteArray(path) << QByteArray(plain);
    };
    row("/health", "/health");
    row("/he%61lth", "/health");
    row("//health/", "/health");
    row("/", "/");
    row("//", "/");
    row("/a%2Fb", "/a%2Fb");
    row("/a%2", "/a%2");
    row("/a%zz", "/a%zz");
    row("/a//b", "/a//b");
}

void TestDialect::writesAPathPlainly()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, plain);
    QCOMPARE(QByteArray::fromStdString(plainPath(path.toStdString())), plain);
}

void TestDialect::findsFaultsOfPaths_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("isFine");
    for (const char *path : {"/v1/models/org/name", "/v1/models/org%2Fname", "/v1/models/a%5Cb", "//v1//x/",
                             "/", "/v1/a..b/.c/...", "/v1/%252e%252e/x", "/v1/x%", "/v1/a;b=..;c"})
        QTest::newRow(path) << QByteArray(path) << true;
    for (const char *path : {"/v1/../admin", "/v1/.", "/..", "/v1/%2e%2E/x", "/v1/models/..%2f..%2fadmin",
                             "/v1/.%2e/x", "/v1/..;/admin", "/v1/%2e%2e;a/x", "/v1/a%5c..%5cb", "/v1/a%00b"})
        QTest::newRow(path) << QByteArray(path) << false;
}

void TestDialect::findsFaultsOfPaths()
{
    QFETCH(QByteArray, path);
    QFETCH(bool, isFine);
    QCOMPARE(!pathFault(path.toStdString()), isFine);
}

QTEST_GUILESS_MAIN(TestDialect)
#include "tst_dialect.moc"
