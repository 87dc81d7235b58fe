// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/choice.h"
#include <QTest>

using namespace weir;

class TestChoice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aKnownPeerIsOnlyAName()
    {
        const auto peer = subjects::readPeer("haproxy");
        QVERIFY(peer);
        QVERIFY(peer->isKnown);
        QCOMPARE(peer->name, std::string("haproxy"));
    }

    void aUrlIsTakenApart_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<std::string>("host");
        QTest::addColumn<int>("port");
        QTest::addColumn<std::string>("base");
        QTest::newRow("host and port")
            << std::string("p=http://127.0.0.1:8787") << std::string("127.0.0.1") << 8787 << std::string();
        QTest::newRow("a closing slash is no path")
            << std::string("p=http://127.0.0.1:8787/") << std::string("127.0.0.1") << 8787 << std::string();
        QTest::newRow("a base path") << std::string("p=http://127.0.0.1:1/a/b/") << std::string("127.0.0.1")
                                     << 1 << std::string("/a/b");
        QTest::newRow("IPv6") << std::string("p=http://[::1]:1") << std::string("::1") << 1 << std::string();
        QTest::newRow("no port is 80")
            << std::string("p=http://127.0.0.1") << std::string("127.0.0.1") << 80 << std::string();
    }
    void aUrlIsTakenApart()
    {
        QFETCH(std::string, text);
        const auto peer = subjects::readPeer(text);
        QVERIFY2(peer, peer ? "" : peer.error().detail.c_str());
        QVERIFY(!peer->isKnown);
        QCOMPARE(peer->name, std::string("p"));
        QTEST(peer->location.host, "host");
        QTEST(int(peer->location.port), "port");
        QTEST(peer->location.basePath, "base");
    }

    void badPeersAreExplained_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<std::string>("part");
        const auto row = [](const char *name, const char *text, const char *part) {
            QTest::newRow(name) << std::string(text) << std::string(part);
        };
        row("an unknown name lists those known", "apache", "one of nginx, haproxy, caddy, or NAME=URL");
        row("TLS is explained", "p=https://127.0.0.1:1", "in cleartext");
        row("another scheme", "p=ftp://127.0.0.1:1", "not http://");
        row("no URL", "p=what is this", "no URL");
        row("an empty URL", "p=", "no URL");
        row("a name with a blank", "a b=http://127.0.0.1:1", "is no name");
        row("no name", "=http://127.0.0.1:1", "is no name");
        row("a long name", "abcdefghijklmnopqrstuvwxyz=http://127.0.0.1:1", "is no name");
        row("a password", "p=http://a:b@127.0.0.1:1", "--peer-header");
        row("a query", "p=http://127.0.0.1:1/?a=b", "only host, port and path");
    }
    void badPeersAreExplained()
    {
        QFETCH(std::string, text);
        QFETCH(std::string, part);
        const auto peer = subjects::readPeer(text);
        QVERIFY(!peer);
        QVERIFY2(peer.error().detail.find(part) != std::string::npos, peer.error().detail.c_str());
    }

    void aHeaderFindsItsPeer()
    {
        std::vector peers{*subjects::readPeer("nginx"), *subjects::readPeer("p=http://127.0.0.1:1")};
        QVERIFY(subjects::readPeerHeader("p:X-Provider: http://127.0.0.1:2", peers));
        QCOMPARE(peers[1].headers.size(), std::size_t(1));
        QCOMPARE(peers[1].headers[0].first, std::string("X-Provider"));
        QCOMPARE(peers[1].headers[0].second, std::string("http://127.0.0.1:2"));
        QVERIFY(!subjects::readPeerHeader("q:X: y", peers));     // no such peer
        QVERIFY(!subjects::readPeerHeader("nginx:X: y", peers)); // nginx is the tool's own
        QVERIFY(!subjects::readPeerHeader("p:X", peers));
        QVERIFY(!subjects::readPeerHeader("p::y", peers));
        QVERIFY(!subjects::readPeerHeader("p:X: y\r\nZ: injected", peers));
        QCOMPARE(peers[1].headers.size(), std::size_t(1));
    }

    void aWeirIsAFileANameAndSettings()
    {
        const auto plain = subjects::readWeir("/opt/weir-headless");
        QCOMPARE(plain->name, std::string("weir"));
        QCOMPARE(plain->program, std::string("/opt/weir-headless"));
        const auto full = subjects::readWeir("old=/opt/w,set=pool.max=4,set=a.b=c,d");
        QCOMPARE(full->name, std::string("old"));
        QCOMPARE(full->program, std::string("/opt/w"));
        QCOMPARE(full->settings, (std::vector<std::string>{"pool.max=4", "a.b=c,d"}));
        const auto standard = subjects::readWeir("qnam=,set=provider.sim.transport=qnam");
        QCOMPARE(standard->program, std::string());
        QVERIFY(!subjects::readWeir("two words=/opt/w"));
    }

    void eachNameIsThereOnce()
    {
        const std::vector one{*subjects::readWeir("a=/w")};
        const std::vector two{*subjects::readWeir("a=/w"), *subjects::readWeir("a=/v")};
        const std::vector peers{*subjects::readPeer("nginx")};
        const std::vector clash{*subjects::readPeer("a=http://127.0.0.1:1")};
        const std::vector direct{*subjects::readPeer("direct=http://127.0.0.1:1")};
        QVERIFY(subjects::checkNames(one, peers));
        QVERIFY(!subjects::checkNames(two, peers));
        QVERIFY(!subjects::checkNames(one, clash));
        QVERIFY(!subjects::checkNames(one, direct));
    }
};

QTEST_GUILESS_MAIN(TestChoice)
#include "tst_choice.moc"
