// cert-manager's controllers, whose own program is no Go module that can be fetched: the ones that issue and renew
// certificates by ACME, with the flags and the file that cert-manager's chart gives them, and its defaults.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/acme"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	options, err := asked()
	if err != nil {
		return err
	}
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	shared, err := factory.Build()
	if err != nil {
		return err
	}
	// One replica, so there is no leader to elect.
	if err := serve(ctx, shared); err != nil {
		return err
	}
	ended := make(chan error)
	for name, build := range controller.Known() {
		one, err := build(factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		go func() { ended <- one.Run(5, ctx) }()
	}
	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	shared.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	if shared.GatewaySolverEnabled {
		shared.GWShared.Start(ctx.Done())
	}
	return <-ended
}

// serve starts what the chart's Service and probe ask for.
func serve(ctx context.Context, shared *controller.Context) error {
	metrics, err := net.Listen("tcp", ":9402")
	if err != nil {
		return err
	}
	go func() { log.Print(shared.Metrics.NewServer(metrics).Serve(metrics)) }()
	probe, err := net.Listen("tcp", ":9403")
	if err != nil {
		return err
	}
	go func() { log.Print(healthz.NewServer(20*time.Second).Start(ctx, probe)) }()
	return nil
}

// asked reads flags and the file that they name. A word that cert-manager does not know is an error, as it is there.
func asked() (controller.ContextOptions, error) {
	options := controller.ContextOptions{
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverResourceRequestCPU:    resource.MustParse("10m"),
			HTTP01SolverResourceRequestMemory: resource.MustParse("64Mi"),
			HTTP01SolverResourceLimitsCPU:     resource.MustParse("100m"),
			HTTP01SolverResourceLimitsMemory:  resource.MustParse("64Mi"),
			ACMEHTTP01SolverRunAsNonRoot:      true,
			DNS01CheckRetryPeriod:             10 * time.Second,
		},
		CertificateOptions: controller.CertificateOptions{
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
	}
	var file, ignored string
	flag.StringVar(&file, "config", "", "file of settings")
	flag.StringVar(&options.ClusterResourceNamespace, "cluster-resource-namespace", "kube-system", "namespace of keys")
	flag.StringVar(&options.HTTP01SolverImage, "acme-http01-solver-image", "", "image of solvers")
	flag.IntVar(&options.MaxConcurrentChallenges, "max-concurrent-challenges", 60, "challenges at once")
	flag.StringVar(&ignored, "leader-election-namespace", "", "not used")
	flag.StringVar(&ignored, "v", "", "not used")
	flag.Parse()
	text, err := os.ReadFile(file)
	if err != nil {
		return options, err
	}
	var settings v1alpha1.ControllerConfiguration
	if err := yaml.UnmarshalStrict(text, &settings); err != nil {
		return options, err
	}
	if enabled := settings.GatewayAPIConfig.Enabled; enabled != nil {
		options.EnableGatewayAPI = *enabled
	}
	return options, nil
}
