// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/descriptors.h"
#include <QTest>

using namespace weir;

class TestDescriptors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsSomeForEveryConnectionToAProvider();
    void saysNothingWhereThereAreEnough();
    void saysWhatIsServedAndWhatToDo();
};

namespace {

config::Config twoOrigins()
{
    config::Config config;
    config::Provider provider;
    provider.name = "local";
    provider.openaiBase = "https://127.0.0.1:1/v1"; // one that may speak HTTP/2, …
    provider.anthropicBase = "http://127.0.0.1:2";  // … and one that cannot
    config.providers.push_back(provider);
    config.pool.max = 10;
    config.pool.maxHttp1 = 30;
    return config;
}

} // namespace

void TestDescriptors::keepsSomeForEveryConnectionToAProvider()
{
    config::Config config = twoOrigins();
    QCOMPARE(engine::reservedDescriptors(config), engine::OwnDescriptors + 40);
    config.providers.front().anthropicBase.clear();
    QCOMPARE(engine::reservedDescriptors(config), engine::OwnDescriptors + 10);
    config.providers.clear();
    QCOMPARE(engine::reservedDescriptors(config), engine::OwnDescriptors);
}

void TestDescriptors::saysNothingWhereThereAreEnough()
{
    QVERIFY(!engine::descriptorNotice(twoOrigins(), 20'000));
    QVERIFY(!engine::descriptorNotice(twoOrigins(), 1176));
}

void TestDescriptors::saysWhatIsServedAndWhatToDo()
{
    const auto notice = engine::descriptorNotice(twoOrigins(), 64);
    QVERIFY(notice);
    for (const char *part : {"64 files open", "serves 12 client connections", "instead of the 1024 of",
                             "48 files are kept", "raise the limit to 1176"})
        QVERIFY2(notice->find(part) != std::string::npos, notice->c_str());
}

QTEST_GUILESS_MAIN(TestDescriptors)
#include "tst_descriptors.moc"
